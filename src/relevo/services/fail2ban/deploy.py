"""Converge fail2ban; it takes new files without forgetting whom it has banned."""

from __future__ import annotations

from relevo.deploy.files import config_tree
from relevo.deploy.shell import succeeds, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.fail2ban.render import render
from relevo.services.fail2ban.settings import UNIT


def deploy(ctx: Context) -> None:
    """Converge fail2ban."""
    files = render(ctx)
    config_tree(files, checks=[["fail2ban-client", "--test"]])
    unit(UNIT, files=files, reload=True, ready=_ready)


def _ready() -> None:
    wait_until(lambda: succeeds(["fail2ban-client", "ping"]), within=30, what=_("fail2ban to answer"))
