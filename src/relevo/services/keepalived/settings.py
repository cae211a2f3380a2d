"""Debian packages of the virtual IP, and its constants."""

from __future__ import annotations

from relevo.services.base import Context

UNIT = "keepalived.service"
CONFIG = "/etc/keepalived/keepalived.conf"
DROP_IN = "/etc/systemd/system/keepalived.service.d/relevo.conf"
TMPFILES = "/etc/tmpfiles.d/relevo.conf"


def packages(_: Context) -> tuple[str, ...]:
    """Return the packages it needs."""
    return ("keepalived", "iproute2")
