"""Converge the nightly backup on the storage machine; a first copy is made at once."""

from __future__ import annotations

from pathlib import Path

from relevo.deploy.files import config_tree, directory
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, run
from relevo.deploy.units import journal_tail, unit
from relevo.i18n import _
from relevo.services.accounts_backup.render import TIMER_FILE, render
from relevo.services.accounts_backup.settings import FOLDER, PREFIX, SUFFIX, UNIT
from relevo.services.base import Context


def deploy(ctx: Context) -> None:
    """Converge the timer, and have one copy from the first day on."""
    files = render(ctx)
    directory(FOLDER, mode=0o700)
    config_tree(files)
    unit(f"{UNIT}.timer", files=[file for file in files if file.path == f"/{TIMER_FILE}"])
    step(_("first copy"), _copy_needed, _copy)


def _copy_needed() -> str | None:
    return None if any(Path(FOLDER).glob(f"{PREFIX}*{SUFFIX}")) else _("make it now")


def _copy() -> None:
    try:
        run(["systemctl", "start", f"{UNIT}.service"], within=600)
    except CommandFailed as error:
        raise CommandFailed(f"{error}\n{journal_tail(f'{UNIT}.service')}") from None
