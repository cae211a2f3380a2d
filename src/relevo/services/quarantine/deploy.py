"""Converge the quarantine's units; its mailbox is made with the accounts, its copies by the filter."""

from __future__ import annotations

from relevo.deploy.files import config_tree
from relevo.deploy.units import unit
from relevo.services.base import Context
from relevo.services.quarantine.render import render, unit_file
from relevo.services.quarantine.settings import DIGEST_TIMER_UNIT, HELD_TIMER_UNIT, PROXY_UNIT, SOCKET_UNIT, TIMER_UNIT


def deploy(ctx: Context) -> None:
    """Place the units; the services are started by socket and timer."""
    config_tree(render(ctx))
    unit(SOCKET_UNIT, files=(unit_file(SOCKET_UNIT, ctx), unit_file(PROXY_UNIT, ctx)))
    for timer in (TIMER_UNIT, DIGEST_TIMER_UNIT, HELD_TIMER_UNIT):
        unit(timer, files=(unit_file(timer, ctx),))
