"""The distributions that Relevo knows, and what each has of the programs that it configures: the one place for that.

Files differ by program, not by distribution, so a template asks for the version of what it configures; what differs in
many small ways follows the generation, which is the Debian whose Dovecot, nginx and systemd it is like.
`docs/reference/releases.md` is made from this table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

from relevo.i18n import _


@dataclass(frozen=True)
class Programs:
    """The versions that a release has, as far as files or readers depend on them."""

    python: str
    systemd: str
    dovecot: str
    postfix: str
    mariadb: str
    nginx: str
    php: str
    roundcube: str
    amavis: str
    spamassassin: str
    clamav: str
    bind: str
    kea: str
    keepalived: str
    glusterfs: str
    fail2ban: str
    prometheus: str


@dataclass(frozen=True)
class Release:
    """A distribution's release as /etc/os-release names it, e.g. `Release("debian", "13")`."""

    distribution: str
    version: str

    @property
    def title(self) -> str:
        """Its name for people, e.g. `Debian 13`."""
        return f"{self.distribution.capitalize()} {self.version}".strip()

    @property
    def generation(self) -> int:
        """12 or 13: the Debian that this release is like where files differ in many small ways."""
        return 13 if self.programs.dovecot == "2.4" else 12

    @property
    def programs(self) -> Programs:
        """The versions of its programs; a release that Relevo does not know raises KeyError."""
        return KNOWN[self]

    @property
    def php(self) -> str:
        """Version of PHP, e.g. `8.4`: it is in paths and in the name of a unit."""
        return self.programs.php

    @property
    def fpm_unit(self) -> str:
        """Name of PHP's unit."""
        return f"php{self.php}-fpm.service"


DEBIAN_13 = Release("debian", "13")
DEBIAN_12 = Release("debian", "12")
UBUNTU_24_04 = Release("ubuntu", "24.04")

KNOWN: Mapping[Release, Programs] = MappingProxyType({
    DEBIAN_13: Programs(
        python="3.13", systemd="257", dovecot="2.4", postfix="3.10", mariadb="11.8", nginx="1.26", php="8.4",
        roundcube="1.6", amavis="2.13", spamassassin="4.0", clamav="1.4", bind="9.20", kea="2.6", keepalived="2.3",
        glusterfs="11", fail2ban="1.1", prometheus="2.53",
    ),
    DEBIAN_12: Programs(
        python="3.11", systemd="252", dovecot="2.3", postfix="3.7", mariadb="10.11", nginx="1.22", php="8.2",
        roundcube="1.6", amavis="2.13", spamassassin="4.0", clamav="1.4", bind="9.18", kea="2.2", keepalived="2.2",
        glusterfs="10", fail2ban="1.0", prometheus="2.42",
    ),
    UBUNTU_24_04: Programs(
        python="3.12", systemd="255", dovecot="2.3", postfix="3.8", mariadb="10.11", nginx="1.24", php="8.3",
        roundcube="1.6", amavis="2.13", spamassassin="4.0", clamav="1.4", bind="9.18", kea="2.4", keepalived="2.2",
        glusterfs="11", fail2ban="1.0", prometheus="2.45",
    ),
})


_SUPPORT: Mapping[Release, str] = {
    DEBIAN_13: "built for it; every drill runs on it",
    DEBIAN_12: "every short drill passes (failover, power cuts), so do the first validations on kernel NFS; of the "
    "long ones only that of the way to Debian 13 was run",
    UBUNTU_24_04: "files as for Debian 12; not tested here",
}
_NAMES = {"php": "PHP", "mariadb": "MariaDB", "glusterfs": "GlusterFS", "clamav": "ClamAV", "bind": "BIND",
          "spamassassin": "SpamAssassin", "nginx": "nginx", "systemd": "systemd", "fail2ban": "fail2ban",
          "keepalived": "keepalived"}
_LESS = (
    "## What is less on Debian 12 and Ubuntu 24.04", "",
    "Clients find the same: names, ports, limits, answers, folders. What is not the same:", "",
    "- **Postfix leaves a database that did not answer alone for 60 s** (1 s with 3.9 and newer). A connection that",
    "  MariaDB has closed does not count, the next one is tried at once; and when MariaDB was away long enough for the",
    "  agent to see it, the agent reloads Postfix, which forgets it. What is left: senders get 451 for up to a minute",
    "  after an interruption that was too short for the agent, and try again.",
    "- **Postfix is started by a unit of ours** (`/etc/systemd/system/postfix.service`): the package's own one starts",
    '  nothing and is always "active". `postfix@-.service` is masked.',
    "- **A service that fails again and again is started every 100 ms**, without longer and longer pauses (systemd 254",
    "  and newer have them).",
    "- Dovecot 2.3 is configured in its own language; `services/dovecot/templates` has a folder for each.", "",
    "Ubuntu 24.04 needs the component `universe`. Nobody has run Relevo on it: its files are those of Debian 12 but",
    "for the versions above.", "",
    "## Two releases at once", "",
    "Each machine gets the files of its own release, so a platform may be of two for a while. What holds then:", "",
    "- MariaDB 11.8 joins 10.11, and both are one Galera cluster; a bare 10.11 can't join 11.8, and such a machine is",
    "  refused.",
    "- GlusterFS 10 and 11 don't serve one volume: a new machine of the other release is refused while mail is on it.",
    "- Mailboxes pass from one Dovecot to the other and back.", "",
    "It is meant for the way from one to the other: [how](../how-to/from-debian-12-to-13.md).",
)


def refusal(release: Release) -> str | None:
    """Say why a machine of that release can't be a node, or None when it can."""
    if release in KNOWN:
        return None
    text = _("it runs {release}, and Relevo knows {known}: install one of these on it")
    return text.format(release=release.title, known=", ".join(known.title for known in KNOWN))


def releases_document() -> str:
    """Return `docs/reference/releases.md`."""
    head = ["", *(release.title for release in KNOWN)]
    rows = [["support", *(_SUPPORT[release] for release in KNOWN)], *(
        [_NAMES.get(field.name, field.name.capitalize()), *(getattr(has, field.name) for has in KNOWN.values())]
        for field in fields(Programs)
    )]
    return "\n".join([
        "# Distributions", "",
        "What the three machines may run; anything else is refused by `relevo plan` and `relevo apply` before anything",
        "is changed. Made from `src/relevo/services/releases.py`, which the files of the services are made from too. A",
        "machine says itself what it is (`/etc/os-release`), so nothing of this is in the cluster file, and machines",
        "may differ.", "",
        _row(head), _row(["---"] * len(head)), *map(_row, rows), "",
        *_LESS, "",
    ])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
