"""Planned work under load stops nobody: the virtual IP moves on request, machines reboot and are upgraded.

Given clients that send 5 numbered messages a second, and others that connect anew all the time,
when the virtual IP is moved to the standby and back, each machine is rebooted, and a package of all of them is upgraded
that asks for a reboot, with the commands that the operator uses,
then no sending that had come to its message fails, mail is accepted all the time, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Self

from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.events import Event, Story, Witness, play
from relevo.drills.ledger import State
from relevo.drills.limits import Limit, aim
from relevo.drills.nodes import Node
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _

SWITCHED, WORKED = aim(0.5), aim(2.0)  # the longest time without a 250
DELIVERED = aim(3.0)
_SWITCH_SECONDS, _WORK_SECONDS = 60.0, 900.0  # how long the commands may take; a machine of the lab boots in seconds


class Unbroken:
    """A witness of whether a sending failed that had come to its message: the server had promised to take it."""

    def __init__(self, world: World) -> None:
        del world

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def judge(self, world: World, story: Story) -> None:
        """Write it into the table."""
        with world.checking(
            _("{event}: transactions that failed").format(event=story.event.title), tried=story.scene.tried,
            expected=_("0: whoever has sent a message gets its 250"),
        ) as check:
            attempts = [attempt for entry in story.ledger.entries() for attempt in entry.attempts]
            broken = [attempt.said for attempt in attempts if attempt.state is State.UNSURE]
            text = _("{count} of {all}").format(count=len(broken), all=len(attempts))
            check.saw("; ".join([text, *broken[:3]]), good=bool(attempts) and not broken,
                      figure=Figure(float(len(broken)), _("transactions")))


def run(world: World) -> None:
    """Do each kind of planned work, each time on a whole platform."""
    play(world, switchovers(world))
    if not world.platform.in_lab:
        text = _("reboots and upgrades are yours to plan: only in the lab are they tried")
        raise NotHere(text)
    play(world, works(world))


def switchovers(world: World) -> Iterator[Event]:
    """Yield the way over twice, so that each node was the active one."""
    for _number in range(2):
        yield _event(_("switchover"), lambda w: w.active, "relevo switchover", SWITCHED, _command(
            world, lambda _node: ("switchover",), _SWITCH_SECONDS,
        ))


def works(world: World) -> Iterator[Event]:
    """Yield the work on machines."""
    machines = (
        (_("reboot of the standby"), lambda w: w.standby),
        (_("reboot of the storage machine"), lambda w: w.storage_node),
        (_("reboot of the active node"), lambda w: w.active),
    )
    for title, machine in machines:
        yield _event(title, machine, "relevo reboot {node}", WORKED, _command(
            world, lambda node: ("reboot", node.name), _WORK_SECONDS,
        ))
    upgrade = _command(world, lambda _node: ("upgrade",), 3 * _WORK_SECONDS)
    yield _event(
        _("upgrade of all machines"), lambda w: w.active, _("each machine has a newer package; relevo upgrade"),
        WORKED, lambda node: _with_newer(world, node, upgrade),
    )


def _with_newer(world: World, node: Node, upgrade: Callable[[Node], str]) -> str:
    for machine in world.nodes.values():
        machine.offer_upgrade()
    return upgrade(node)


def _command(world: World, words: Callable[[Node], tuple[str, ...]], within: float) -> Callable[[Node], str]:
    return lambda node: world.platform.relevo(*words(node), within=within)


def _event(
    title: str, machine: Callable[[World], Node], what: str, gap: Limit, strike: Callable[[Node], str],
) -> Event:
    witnesses: tuple[Callable[[World], Witness], ...] = (fresh(), Unbroken)
    return Event(
        title, machine, delivered_within=DELIVERED, strike=strike, what=what, gap_within=gap,
        witnesses=witnesses,
    )


DRILL = Drill(
    "planned", _("Planned work"),
    _("The virtual IP moves on request, machines reboot and are upgraded, and no transaction fails."), run, long=True,
)
