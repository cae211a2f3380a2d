"""A machine that is dead for good is followed by a bare one, a dead disk by an empty one: one command each, under mail.

Given clients that send 2 numbered messages a second,
when a machine's power is cut, a bare machine with an empty disk takes its name and address, and `relevo replace` runs,
or the disk of its copy of the mail dies, an empty one takes its place, and `relevo replace --disk` runs,
then in the end the platform is whole again, any one machine may die, and nothing was lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from relevo.drills.arrivals import Arrivals, boxes, settle
from relevo.drills.drill import Drill
from relevo.drills.events import AFTER_SECONDS, BEFORE_SECONDS
from relevo.drills.ledger import Ledger
from relevo.drills.mending import make_whole
from relevo.drills.nodes import Node
from relevo.drills.result import Figure
from relevo.drills.stream import Stream, doors
from relevo.drills.verdicts import Scene, judge_account
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _

_RATE = 2.0  # messages a second: what three machines copy and what they take in share one computer's processors here
WHOLE_SECONDS = 600.0  # of a lab, whose machines have their packages already
_SENDERS_PATIENCE = 300.0  # so long without any answer clients go on with what has none: copying slows the mail down
_ARRIVAL_SECONDS, _SETTLE_SECONDS = 90.0, 120.0


@dataclass(frozen=True)
class Loss:
    """What dies of a machine, what is put in its place, and the command that makes it whole."""

    title: str  # with {node}
    tried: str  # with {node}
    strike: Callable[[Node], object]
    put: Callable[[Node], object]
    options: tuple[str, ...] = ()


MACHINE = Loss(
    _("{node} replaced"), _("a bare machine in its place; `relevo replace {node}`"), Node.crash, Node.renew,
)
DISK = Loss(
    _("disk of {node} replaced"), _("an empty disk in its place; `relevo replace {node} --disk`"), Node.lose_disk,
    Node.put_disk, ("--disk",),
)


def run(world: World) -> None:
    """Replace each machine, the active one last, and a disk, each time on a whole platform."""
    if not world.platform.in_lab:
        raise NotHere(_("no machine can be installed anew from here: only the lab can do that"))
    world.until_healthy()
    machines = world.standby, world.storage_node, world.active
    for node, loss in (*((node, MACHINE) for node in machines), (world.standby, DISK)):
        world.until_healthy()
        _try(world, node, loss)


def _try(world: World, node: Node, loss: Loss) -> None:
    title = loss.title.format(node=node.name)
    ledger = Ledger()
    with Arrivals(boxes(world)) as arrivals, Stream(doors(world), ledger, world.mail, rate=_RATE) as stream:
        stream.run_on(BEFORE_SECONDS)
        since = time.monotonic()
        loss.strike(node)
        stream.run_on(BEFORE_SECONDS)
        _replace(world, node, loss)
        stream.run_on(AFTER_SECONDS)
        stream.finish(patience=_SENDERS_PATIENCE)
        arrivals.until(ledger.accepted().keys(), within=_ARRIVAL_SECONDS)
        seen = dict(arrivals.seen)
    make_whole(world, title)
    tried = _("{rate:g} messages a second while it is dead and while it is replaced").format(rate=_RATE)
    judge_account(world, Scene(title, tried, ledger, seen, (since,)), settle(world, ledger, within=_SETTLE_SECONDS))


def _replace(world: World, node: Node, loss: Loss) -> None:
    with world.checking(
        _("{event}: whole").format(event=loss.title.format(node=node.name)),
        tried=loss.tried.format(node=node.name), expected=_("whole within {limit:g} s").format(limit=WHOLE_SECONDS),
    ) as check:
        loss.put(node)
        began = time.monotonic()
        said = world.platform.relevo("replace", node.name, *loss.options, within=2 * WHOLE_SECONDS)
        took = time.monotonic() - began
        check.saw(said, good=took <= WHOLE_SECONDS, figure=Figure(round(took, 1), "s"))


DRILL = Drill(
    "successor", _("A bare machine in a dead one's place"),
    _("A machine that is dead for good is replaced by one command while mail flows."), run, long=True,
)
