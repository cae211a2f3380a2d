"""Converge the mail store's mount on a mail node."""

from __future__ import annotations

from relevo.cluster.wires import MAIL_MOUNT, STORAGE_UNIT
from relevo.deploy import mount_point
from relevo.deploy.operations import config_tree, unit
from relevo.services.base import Context
from relevo.services.storage.render import render


def deploy(ctx: Context) -> None:
    """Close the empty mount point, then mount over it."""
    files = render(ctx)
    mount_point.closed(MAIL_MOUNT)
    config_tree(files)
    unit(STORAGE_UNIT, files=files, within=90)
