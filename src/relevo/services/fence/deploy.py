"""Load fence and gate; whatever the agent had cut off or let in stays as it is."""

from __future__ import annotations

from relevo.cluster.wires import FENCE_TABLE, FENCE_UNIT, GATE_TABLE, HANDOVER_TABLE
from relevo.deploy.files import config_tree, directory
from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, run, succeeds
from relevo.deploy.units import is_active, unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.fence.render import render, tables
from relevo.services.fence.settings import KEPT_FOLDER

_FLUSHES_ALL = "nftables.service"


def deploy(ctx: Context) -> None:
    """Converge the tables on this node."""
    _refuse_who_flushes()
    directory(KEPT_FOLDER)
    config_tree(render(ctx))
    unit(FENCE_UNIT, files=tables(ctx), reload=True)
    mail = (("inet", GATE_TABLE), ("ip", HANDOVER_TABLE)) if ctx.node.is_mail else ()
    mail6 = (("ip6", HANDOVER_TABLE),) if ctx.node.is_mail and ctx.cluster.vip6 else ()
    names = (("inet", FENCE_TABLE), *mail, *mail6)
    step(_("tables in the kernel"), lambda: _missing(names), lambda: run(["systemctl", "reload", FENCE_UNIT]))


def _refuse_who_flushes() -> None:
    """Debian's own unit begins and ends with `flush ruleset`, which takes the fence away with everything else."""
    if is_active(_FLUSHES_ALL) or succeeds(["systemctl", "is-enabled", "--quiet", _FLUSHES_ALL]):
        text = _(
            "{unit} is on, and whenever it starts or stops it removes every table, the storage fence too: "
            "`systemctl disable --now {unit}`, then apply again (the firewall is UFW's business here)"
        )
        raise CommandFailed(text.format(unit=_FLUSHES_ALL))


def _missing(names: tuple[tuple[str, str], ...]) -> str | None:
    """Name the tables that the kernel has not: someone may have flushed them by hand."""
    gone = [name for family, name in names if not succeeds(["nft", "list", "table", family, name])]
    return _("load {gone}").format(gone=", ".join(gone)) if gone else None
