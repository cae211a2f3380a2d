"""Bring keepalived up; new files are taken by a reload, during which the virtual IP stays (a restart would move it)."""

from __future__ import annotations

from relevo.cluster.wires import AGENT_DIRECTORY
from relevo.deploy.files import config_tree, directory
from relevo.deploy.units import unit
from relevo.services.base import Context
from relevo.services.keepalived.render import render
from relevo.services.keepalived.settings import UNIT


def deploy(ctx: Context) -> None:
    """Converge the virtual IP on this node."""
    files = render(ctx)
    directory(AGENT_DIRECTORY)
    config_tree(files)
    unit(UNIT, files=files, reload=True)
