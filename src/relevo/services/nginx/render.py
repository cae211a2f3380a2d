"""The files of the web server."""

from __future__ import annotations

from relevo.cluster.wires import NGINX_LOCATIONS, TLS_CERTIFICATE, TLS_KEY, WEBMAIL_FPM_SOCKET, WEBMAIL_ROOT
from relevo.services.base import Context, File, template
from relevo.services.nginx.settings import body_mb

SITE = "etc/nginx/conf.d/relevo.conf"
DROP_IN = "etc/systemd/system/nginx.service.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    site = template(
        __package__, f"{SITE}.j2",
        hostname=ctx.cluster.hostname, vip=ctx.cluster.vip, vip6=ctx.cluster.vip6,
        certificate=TLS_CERTIFICATE, key=TLS_KEY,
        root=WEBMAIL_ROOT, socket=WEBMAIL_FPM_SOCKET, locations=NGINX_LOCATIONS,
        body_mb=body_mb(ctx.cluster.mail.message_size_mb), generation=ctx.facts.release.generation,
    )
    return File(f"/{SITE}", site), File(f"/{DROP_IN}", template(__package__, f"{DROP_IN}.j2"))
