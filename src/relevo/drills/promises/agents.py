"""With both agents dead nobody judges, and everything goes on as it was.

Given clients that send 5 numbered messages a second, and others that connect anew all the time,
when the agents of both mail nodes are killed at the same time and can't start for ten seconds,
then clients notice nothing: the virtual IP stays where it is, its gate stays open, nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from relevo.drills import breaking
from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.events import Event, Story, play
from relevo.drills.limits import aim
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.i18n import _

UNIT = "relevo-agent"
ACCEPTED, DELIVERED = aim(1.0), aim(2.0)


class Stays:
    """A witness of whether the virtual IP was in the end where it was before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before = self._after = ""

    def __enter__(self) -> Self:
        self._before = self._world.active.name
        return self

    def __exit__(self, *_: object) -> None:
        self._after = next((node.name for node in self._world.mail_nodes if node.holds_vip()), "")

    def judge(self, world: World, story: Story) -> None:
        """Write it into the table."""
        with world.checking(
            _("{event}: the virtual IP stays").format(event=story.event.title), tried=story.scene.tried,
            expected=_("on {node}").format(node=self._before),
        ) as check:
            check.saw(self._after or _("nobody"), good=self._after == self._before)


def run(world: World) -> None:
    """Kill both agents, and keep them from starting for ten seconds."""
    play(world, _events(world))


def _events(world: World) -> Iterator[Event]:
    yield Event(
        _("both agents dead"), lambda world: world.active, ACCEPTED, DELIVERED, returns=True,
        strike=lambda _victim: silence(world.mail_nodes), gap_within=ACCEPTED,
        what=_("the agents of both mail nodes are killed and can't start for 10 s"),
        witnesses=(fresh(ACCEPTED), Stays),
    )


def silence(nodes: list[Node]) -> None:
    """Let the agents of all these crash-loop from the same moment on: what takes long is done before.

    Of two that die one after the other the first one's node loses the virtual IP, and nobody opens the other's gate.
    """
    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(lambda node: node.bar(UNIT), nodes))
        list(pool.map(lambda node: node.run(*breaking.kill(UNIT)), nodes))


DRILL = Drill(
    "agents", _("Nobody judges"),
    _("With both agents dead the platform goes on as it was, and clients notice nothing."), run, long=True,
)
