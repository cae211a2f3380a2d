"""Converge the firewall, never cutting off the operator who asks for it."""

from __future__ import annotations

import os

from relevo.deploy.files import config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, run
from relevo.deploy.units import is_active, unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.firewall.live import difference
from relevo.services.firewall.load import load
from relevo.services.firewall.ports import lock_out
from relevo.services.firewall.render import frame, render
from relevo.services.firewall.settings import DROPS, UNIT, USER_CHAINS, USER_RULES


def deploy(ctx: Context) -> None:
    """Refuse what would lock the operator out, then bring files and kernel to the wanted rules."""
    if why := lock_out(os.environ.get("SSH_CONNECTION", ""), ctx.cluster):
        raise CommandFailed(why)
    if is_active("firewalld.service"):
        raise CommandFailed(
            _("firewalld runs here, and two firewalls undo each other's rules: `apt purge firewalld`")
        )
    files = render(ctx)
    config_tree(files)
    unit(UNIT, files=[frame(file) for file in files])
    texts = {file.path: file.data.decode() for file in files}
    step(_("rules in the kernel"), lambda: _not_in_force(texts), load)


def _not_in_force(texts: dict[str, str]) -> str | None:
    """Tell how the kernel's rules differ from the files: someone may have flushed, added or switched off by hand."""
    try:
        for tool, rules in USER_RULES.items():
            if DROPS not in (live := run([tool, "-S"], within=20)):
                return _("load the rules")
            if why := difference(texts[rules], live, USER_CHAINS[tool]):
                return _("load the rules; {why}").format(why=why)
    except CommandFailed:  # not installed yet
        return _("load the rules")
    return None
