"""Converge the webmail: its configuration, its tables, its PHP pool and its timers."""

from __future__ import annotations

import socket
from pathlib import Path

from relevo.cluster.wires import WEBMAIL_FPM_SOCKET
from relevo.deploy.files import absent, config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.roundcube import schema
from relevo.services.roundcube.render import php_files, render
from relevo.services.roundcube.settings import PHP_ROOT, TIMERS


def deploy(ctx: Context) -> None:
    """Converge the webmail."""
    php = ctx.facts.release.php
    absent(f"/etc/php/{php}/fpm/pool.d/www.conf")  # a second pool that nothing uses
    absent(*other_pools(Path(PHP_ROOT), php))  # of an older release: one PHP serves the webmail
    config_tree(render(ctx), checks=[[f"php-fpm{php}", "--test"]])
    step(_("tables"), schema.needed, schema.bring_up_to_date)
    unit(ctx.facts.release.fpm_unit, files=php_files(ctx), reload=True, ready=_accepts)
    for timer in TIMERS:
        unit(timer)


def other_pools(root: Path, php: str) -> list[str]:
    """Return our pools of other versions of PHP than that of this release, which an upgrade of it leaves behind."""
    return [str(pool) for pool in sorted(root.glob("*/fpm/pool.d/relevo.conf")) if pool.parts[-4] != php]


def _accepts() -> None:
    wait_until(_connects, within=20, what=_("PHP to listen at {socket}").format(socket=WEBMAIL_FPM_SOCKET))


def _connects() -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(WEBMAIL_FPM_SOCKET)
    return True
