"""With every processor of the active node busy, nothing moves without a cause, and nothing is lost.

Given clients that send 2 numbered messages a second, and others that connect anew all the time,
when as many programs as the active node has processors compute for as long as one likes,
then the virtual IP stays where it is, no transaction fails, and every accepted message is in its mailbox once.
"""

from __future__ import annotations

import time
from typing import Self

from relevo.drills import timeline
from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.events import Event, Story, play
from relevo.drills.nodes import Node
from relevo.drills.promises.planned import Unbroken
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World
from relevo.i18n import _
from relevo.operate.history import Event as Noted

MINUTES = 5.0
_RATE = 2.0  # messages a second: an hour of them fits into the mailboxes


class NothingMoves:
    """A witness of whether the virtual IP came or went; it tells what the agents took for a fault meanwhile."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._since = 0.0
        self._noted: tuple[Noted, ...] = ()

    def __enter__(self) -> Self:
        self._since = time.time()
        return self

    def __exit__(self, *_: object) -> None:
        self._noted = tuple(event for event in timeline.events(self._world.mail_nodes) if event.at >= self._since)

    def judge(self, world: World, story: Story) -> None:
        """Write it into the table."""
        with world.checking(
            _("{event}: moves of the virtual IP").format(event=story.event.title), tried=story.scene.tried,
            expected=_("0: nothing was broken"),
        ) as check:
            moves = timeline.moves(self._noted, self._since)
            said = [f"{event.at - self._since:+.1f} s {event.node} {event.event}: {event.why}" for event in self._noted]
            check.saw("; ".join([_("{count} moves").format(count=len(moves)), *said[:5]]), good=not moves,
                      figure=Figure(float(len(moves)), _("moves")))
            check.noted = tuple(said) if moves else ()


def run_for(minutes: float) -> Drill:
    """Return the drill that keeps the processors busy for so long."""
    return Drill(
        "load", _("Full load"), _("With every processor busy nothing moves without a cause, and nothing is lost."),
        lambda world: play(world, (event(minutes),)), long=True,
    )


def event(minutes: float) -> Event:
    """Return what happens: the processors of the active node are busy for so long."""
    return Event(
        _("full load"), lambda world: world.active, strike=Node.burn, rate=_RATE, lasts=minutes * 60,
        what=_("all processors of {node} are busy"), witnesses=(fresh(), Unbroken, NothingMoves),
    )


DRILL = run_for(MINUTES)
