"""Losing the active node, as far as the place allows: in a lab its power is cut, elsewhere it hands over."""

from __future__ import annotations

from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.i18n import _

_SWITCH_SECONDS = 60.0


def in_words(world: World, victim: Node) -> str:
    """Return what `lose` does, for the table."""
    way = _("the power of {node} is cut") if world.platform.in_lab else _("{node} hands over")
    return way.format(node=victim.name)


def lose(world: World, victim: Node) -> None:
    """Do it."""
    if world.platform.in_lab:
        victim.crash()
    else:
        world.platform.relevo("switchover", within=_SWITCH_SECONDS)
