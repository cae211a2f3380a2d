"""Converge DHCP: one of the two servers runs, the other one can't."""

from __future__ import annotations

from pathlib import Path

from relevo.deploy.files import config_tree
from relevo.deploy.operations import step
from relevo.deploy.shell import run
from relevo.deploy.units import disabled, unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.dhcp.render import render
from relevo.services.dhcp.settings import ISC_UNIT, ISC_UNIT_FILE, KEA_UNIT


def deploy(ctx: Context) -> None:
    """Stop the server that is not wanted before the wanted one starts: two would hand out the same addresses."""
    files = render(ctx)
    if ctx.cluster.dhcp.server == "kea":
        step(ISC_UNIT, _isc_may_run, _mask_isc)
        config_tree(files)
        unit(KEA_UNIT, files=files)
    else:
        disabled(KEA_UNIT)
        config_tree(files)  # our unit's file takes the place of the mask
        unit(ISC_UNIT, files=files)


def _isc_may_run() -> str | None:
    """Tell whether ISC dhcpd is there and not masked. Its package has an init script, which can't just be disabled."""
    state = run(["systemctl", "show", "--value", "-p", "LoadState", ISC_UNIT]).strip()
    return None if state in {"masked", "not-found"} else _("stop and mask: Kea is the DHCP server")


def _mask_isc() -> None:
    run(["systemctl", "stop", ISC_UNIT], within=60)
    unit_file = Path(ISC_UNIT_FILE)
    unit_file.unlink(missing_ok=True)
    run(["systemctl", "mask", ISC_UNIT])
    run(["systemctl", "reset-failed", ISC_UNIT], accept=range(256))
