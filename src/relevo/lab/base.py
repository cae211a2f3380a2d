"""The images on which a lab's machines stand: links to the cached ones, in the lab's folder `nodes`.

`nodes/image` is that of all machines; a machine that was made anew with another Debian has a link of its own, so that a
lab can be of two releases.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from relevo.cluster.model import Cluster
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab import image
from relevo.lab.packages import SUITE, SUITES, image_packages

_LINK = "image"


class Base:
    """The images of the machines in a folder.

    `suite`: the Debian of new ones, empty when none is asked for. `virtual`: they have a kernel of their own.
    """

    def __init__(self, nodes: Path, say: Callable[[str], None], suite: str, *, virtual: bool = False) -> None:
        self._nodes = nodes
        self._say = say
        self._suite = _known(suite)
        self._virtual = virtual

    def of(self, machine: str) -> Path:
        """Return a machine's image; raise LabError when it was deleted."""
        own = self._nodes / machine / _LINK
        return _standing(own if own.is_symlink() else self._nodes / _LINK)

    def prepare(self, cluster: Cluster) -> None:
        """Have an image for machines that are made now, that of today's packages where there are no machines yet."""
        link = self._nodes / _LINK
        if not link.is_symlink():
            self._make(link, cluster, self._suite or SUITE)
        standing = _standing(link)
        suite = image.suite_of(standing)
        if self._suite not in {"", suite}:
            text = _(
                "these machines are of {suite}: `relevo lab down` ends them, and up makes those of {wanted}; or "
                "`relevo lab renew --suite {wanted}` puts new ones in their place, one after the other"
            )
            raise LabError(text.format(suite=suite, wanted=self._suite))
        if standing != self._of_today(cluster, suite):
            self._say(
                _("these machines have an older image; `relevo lab down` and up again gives them today's packages")
            )

    def next_suite(self, machine: str, suite: str) -> str:
        """Return the suite of a machine that is made anew: the wanted one, or its own, empty for that of the others."""
        own = self._nodes / machine / _LINK
        return _known(suite) or (image.suite_of(own.readlink()) if own.is_symlink() else "")

    def renew(self, machine: str, cluster: Cluster, suite: str) -> None:
        """Give a machine whose folder is gone an image of its own; empty: it stands on that of the others."""
        if suite:
            self._make(self._nodes / machine / _LINK, cluster, suite)

    def cached(self, cluster: Cluster) -> set[Path]:
        """Return the cached images that the machines use, or would use if they were made now."""
        links = [link for link in (self._nodes / _LINK, *self._nodes.glob(f"*/{_LINK}")) if link.is_symlink()]
        suites = {image.suite_of(link.readlink()) for link in links} or {self._suite or SUITE}
        return {self._of_today(cluster, suite) for suite in suites} | {link.readlink() for link in links}

    def _make(self, link: Path, cluster: Cluster, suite: str) -> None:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(image.ensure_image(self._packages(cluster, suite), self._say, suite))

    def _of_today(self, cluster: Cluster, suite: str) -> Path:
        return image.image_path(self._packages(cluster, suite), suite)

    def _packages(self, cluster: Cluster, suite: str) -> tuple[str, ...]:
        return image_packages(cluster, suite, virtual=self._virtual)


def _known(suite: str) -> str:
    if suite and suite not in SUITES:
        text = _("there is no lab with {suite}: Relevo makes them with {suites}")
        raise LabError(text.format(suite=suite, suites=_(" or ").join(SUITES)))
    return suite


def _standing(link: Path) -> Path:
    if not link.is_dir():
        raise LabError(_("the image of these machines was deleted, they can't boot: `relevo lab down`, then up again"))
    return link.readlink()
