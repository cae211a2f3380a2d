"""Names of the quarantine's units."""

from __future__ import annotations

SOCKET_UNIT, PROXY_UNIT = "relevo-reinject.socket", "relevo-reinject.service"
CHORES_UNIT, TIMER_UNIT = "relevo-quarantine.service", "relevo-quarantine.timer"
UNITS = (SOCKET_UNIT, PROXY_UNIT, CHORES_UNIT, TIMER_UNIT)
PROXY = "/usr/lib/systemd/systemd-socket-proxyd"
