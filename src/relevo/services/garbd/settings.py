"""Constants of the third database vote."""

from __future__ import annotations

from relevo.services.base import Context

UNIT = "garb.service"
STATE = "/var/lib/garb"  # gvwstate.dat: the last companions, with whom it forms the cluster again after a power cut


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return ("galera-arbitrator-4",)
