"""Converge the web server."""

from __future__ import annotations

from pathlib import Path

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.wires import NGINX_LOCATIONS, TLS_CERTIFICATE, TLS_KEY
from relevo.deploy.files import absent, config_tree, directory
from relevo.deploy.shell import wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.nginx.health import answers
from relevo.services.nginx.render import render
from relevo.services.nginx.settings import DEBIAN_SITE, UNIT


def deploy(ctx: Context) -> None:
    """Converge the web server; it takes new files without ending a connection."""
    directory(NGINX_LOCATIONS)
    absent(DEBIAN_SITE)  # it claims the default server of port 80, which refuses foreign names here
    config_tree(render(ctx), checks=[["nginx", "-t", "-q"]])
    unit(UNIT, files=_reads(ctx), reload=True, ready=lambda: _ready(ctx.cluster.hostname))


def _reads(ctx: Context) -> list[File]:
    """Return all that nginx reads at its start: its own files, the certificate, and what others put beside."""
    tls = [
        File(TLS_CERTIFICATE, ctx.secrets.reveal("tls_certificate")),
        File(TLS_KEY, ctx.secrets.reveal("tls_key"), secret=True),
    ]
    others = [File(str(path), path.read_bytes()) for path in sorted(Path(NGINX_LOCATIONS).glob("*"))]
    return [*render(ctx), *tls, *others]


def _ready(hostname: str) -> None:
    def alive() -> bool:
        try:
            return bool(answers(hostname, Deadline(2)))
        except ProbeFailed:
            return False

    wait_until(alive, within=20, what=_("nginx to answer for {hostname}").format(hostname=hostname))
