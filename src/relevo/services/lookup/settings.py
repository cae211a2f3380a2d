"""Names of what asks name servers."""

from __future__ import annotations

UNIT, SOCKET_UNIT = "relevo-lookup@.service", "relevo-lookup.socket"
