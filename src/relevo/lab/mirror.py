"""Where the image's packages come from: the Debian mirror that this computer's own apt uses."""

from __future__ import annotations

import os
from collections.abc import Sequence

from relevo.deploy.shell import run
from relevo.errors import LabError
from relevo.i18n import _

OVERRIDE = "RELEVO_LAB_MIRROR"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_FORMAT = "$(ORIGIN)|$(SITE)|$(RELEASE)|$(COMPONENT)"


def sources(suite: str) -> tuple[str, ...]:
    """Return apt's lines for a Debian suite, its updates and its security fixes.

    Raises:
        LabError: this computer's apt knows no Debian mirror and none was named.
    """
    if mirror := os.environ.get(OVERRIDE):
        return source_lines(suite, mirror, "")
    return source_lines(suite, *choose(run(["apt-get", "indextargets", "--format", _FORMAT]).splitlines()))


def choose(targets: Sequence[str]) -> tuple[str, str]:
    """Return the addresses of Debian and of its security fixes ("" when there is none) among apt's index targets."""
    main, security = "", ""
    for target in targets:
        origin, site, release, component = target.split("|")
        if component != "main" or origin not in {"Debian", ""}:
            continue
        if release.endswith("-security"):
            security = security or site
        elif "-" not in release:
            main = main or site
    if not main:
        text = _(
            "this computer's apt knows no Debian mirror to build the lab's image from: name one in the environment, "
            "e.g. {variable}=http://mirror.example/debian"
        )
        raise LabError(text.format(variable=OVERRIDE))
    return main, security


def source_lines(suite: str, main: str, security: str) -> tuple[str, ...]:
    """Return the lines of a sources.list."""
    lines = (f"deb {main} {suite} main", f"deb {main} {suite}-updates main")
    return (*lines, f"deb {security} {suite}-security main") if security else lines
