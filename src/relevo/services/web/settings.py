"""Names and sizes of the administration on the web."""

from __future__ import annotations

from relevo.cluster.wires import WEB_CONFIG, WEB_USER

USER = WEB_USER
UNIT, SOCKET_UNIT = "relevo-web.service", "relevo-web.socket"
FORGET_SOCKET_UNIT = "relevo-forget.socket"
PROFILE_SOCKET_UNIT = "relevo-profile.socket"
VIEW_UNIT, VIEW_SOCKET_UNIT = "relevo-view.service", "relevo-view.socket"
CONFIG = WEB_CONFIG
ROOM, SERVERS = "/etc/nginx/relevo.d/web.conf", "/etc/nginx/relevo.d/web.server"
AUTOCONFIG, AUTODISCOVER = "/.well-known/autoconfig/mail/config-v1.1.xml", "/autodiscover/autodiscover.xml"
LINKED = ("/account/release/", "/account/held/decide/")  # what links in our mails open: refused mail, posts that wait
WORKERS, THREADS = 2, 4  # a few people at once; a worker that hangs is replaced while the other one serves
MEMORY_MB = 512  # measured: three processes with some 60 MiB each, and 120 MiB for a table of 50,000 lines
UPLOAD_MB = 6  # a table of 5 MiB, which is what the application takes, and the form around it
