"""Converge the mail store's mount on a mail node."""

from __future__ import annotations

from relevo.cluster.wires import MAIL_MOUNT, NEXT_MOUNT, STORAGE_UNIT
from relevo.deploy import mount_point
from relevo.deploy.files import absent, config_tree
from relevo.deploy.units import unit
from relevo.services.base import Context
from relevo.services.storage.render import NEXT_UNIT_FILE, mount_unit, render


def deploy(ctx: Context) -> None:
    """Close the empty mount point, then mount over it; where a move puts the new store is laid ready for that long."""
    mount_point.closed(MAIL_MOUNT)
    if ctx.cluster.storage.moving_to:
        mount_point.closed(NEXT_MOUNT)
    else:
        absent(f"/{NEXT_UNIT_FILE}")
    config_tree(render(ctx))
    unit(STORAGE_UNIT, files=[mount_unit(ctx)], within=90)
