"""Names and sizes of the administration on the web."""

from __future__ import annotations

USER = "relevo-web"
UNIT, SOCKET_UNIT = "relevo-web.service", "relevo-web.socket"
FORGET_SOCKET_UNIT = "relevo-forget.socket"
CONFIG = "/etc/relevo/web.json"  # 0600: systemd hands it to the unit
ROOM = "/etc/nginx/relevo.d/web.conf"
WORKERS, THREADS = 2, 4  # a few people at once; a worker that hangs is replaced while the other one serves
MEMORY_MB = 384  # measured: three processes with some 60 MiB each
