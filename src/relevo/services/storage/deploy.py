"""Converge the mail store's mount on a mail node."""

from __future__ import annotations

from relevo.cluster.wires import STORAGE_UNIT
from relevo.deploy.operations import config_tree, step, unit
from relevo.services.base import Context
from relevo.services.storage import mount_point
from relevo.services.storage.render import render


def deploy(ctx: Context) -> None:
    """Close the empty mount point, then mount over it."""
    files = render(ctx)
    step("mount point", mount_point.needed, mount_point.close)
    config_tree(files)
    unit(STORAGE_UNIT, files=files, within=90)
