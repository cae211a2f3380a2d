"""Converge what asks name servers. Nothing of it runs until somebody asks, so there is nothing to wait for."""

from __future__ import annotations

from relevo.deploy.files import config_tree
from relevo.deploy.units import unit
from relevo.services.base import Context
from relevo.services.lookup.render import render
from relevo.services.lookup.settings import SOCKET_UNIT


def deploy(ctx: Context) -> None:
    """Converge the socket of this node; its group, the web's, exists by now."""
    files = render(ctx)
    config_tree(files)
    unit(SOCKET_UNIT, files=files)
