"""All machines lose power at the same time, and come back one after the other: the platform serves again by itself.

Given clients that send 5 numbered messages a second, and go on trying,
when all three machines lose power, and come back in any order, 15 s apart,
then mail is accepted within a minute from when two of them are on, and every message that was ever accepted arrives.
Where that is not so, the drill says what is missing, and whether `relevo recover` would be needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from relevo.drills.drill import Drill
from relevo.drills.limits import aim
from relevo.drills.nights import Dark, live_through
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.i18n import _

SERVES = aim(25.0)  # from when two machines are on
DELIVERS = aim(30.0)


def run(world: World) -> None:
    """Cut the power of all machines, once for each that may come back first."""
    world.demand_lab()
    for order in orders(world):
        live_through(world, night(world, order))


def orders(world: World) -> list[list[Node]]:
    """Return in which orders the machines come back: each of them is the first once."""
    one, other, storage = *world.mail_nodes, world.storage_node
    return [[one, storage, other], [storage, one, other], [other, one, storage]]


def night(world: World, order: Sequence[Node]) -> Dark:
    """Return the night after which the machines come back in that order."""
    title = _("all without power, {names} in this order").format(names=", ".join(node.name for node in order))
    return Dark(
        title, _("all machines lose power"), list(world.nodes.values()), Node.crash, order, counted=2,
        counted_in_words=_("two machines are on"), serves=SERVES, delivers=DELIVERS,
    )


DRILL = Drill(
    "power", _("All without power"),
    _("After a power cut of all machines the platform serves again by itself, and nothing is lost."), run, long=True,
)
