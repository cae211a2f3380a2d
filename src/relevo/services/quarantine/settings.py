"""Names of the quarantine's units."""

from __future__ import annotations

from relevo.cluster.wires import DIGEST_STATE, HELD_STATE

SOCKET_UNIT, PROXY_UNIT = "relevo-reinject.socket", "relevo-reinject.service"
CHORES_UNIT, TIMER_UNIT = "relevo-quarantine.service", "relevo-quarantine.timer"
DIGEST_UNIT, DIGEST_TIMER_UNIT = "relevo-digest.service", "relevo-digest.timer"
HELD_UNIT, HELD_TIMER_UNIT = "relevo-held.service", "relevo-held.timer"
UNITS = (
    SOCKET_UNIT, PROXY_UNIT, CHORES_UNIT, TIMER_UNIT, DIGEST_UNIT, DIGEST_TIMER_UNIT, HELD_UNIT, HELD_TIMER_UNIT,
)
DIGEST_FOLDER, HELD_FOLDER = (path.rpartition("/")[2] for path in (DIGEST_STATE, HELD_STATE))
_LAST_HOUR = 23
PROXY = "/usr/lib/systemd/systemd-socket-proxyd"


def hours(first: int) -> str:
    """Return the hours of a day from one on, as systemd.time(7) writes them."""
    return f"{first:02}..{_LAST_HOUR}" if first < _LAST_HOUR else f"{first}"
