"""Converge the webmail: its configuration, its tables, its PHP pool and its timers."""

from __future__ import annotations

import socket

from relevo.cluster.wires import WEBMAIL_FPM_SOCKET
from relevo.deploy.operations import absent, config_tree, step, unit
from relevo.deploy.shell import wait_until
from relevo.services.base import Context
from relevo.services.roundcube import schema
from relevo.services.roundcube.render import php_files, render
from relevo.services.roundcube.settings import TIMERS, fpm_unit


def deploy(ctx: Context) -> None:
    """Converge the webmail."""
    php = ctx.facts.release.php
    absent(f"/etc/php/{php}/fpm/pool.d/www.conf")  # a second pool that nothing uses
    config_tree(render(ctx), checks=[[f"php-fpm{php}", "--test"]])
    step("tables", schema.needed, schema.bring_up_to_date)
    unit(fpm_unit(ctx), files=php_files(ctx), reload=True, ready=_accepts)
    for timer in TIMERS:
        unit(timer)


def _accepts() -> None:
    wait_until(_connects, within=20, what=f"PHP to listen at {WEBMAIL_FPM_SOCKET}")


def _connects() -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(WEBMAIL_FPM_SOCKET)
    return True
