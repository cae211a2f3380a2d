"""A machine that is dead for good is followed by a bare one, with one command and while mail flows.

Given clients that send 5 numbered messages a second,
when a machine's power is cut, a bare machine with an empty disk takes its name and address, and `relevo replace` runs,
then in the end the platform is whole again, any one machine may die, and nothing was lost.
"""

from __future__ import annotations

import time

from relevo.drills.arrivals import Arrivals, boxes, settle
from relevo.drills.drill import Drill
from relevo.drills.events import AFTER_SECONDS, BEFORE_SECONDS, RATE, RETRY_SECONDS
from relevo.drills.ledger import Ledger
from relevo.drills.mending import revive, whole_again
from relevo.drills.nodes import Node
from relevo.drills.result import Figure
from relevo.drills.stream import Stream, doors
from relevo.drills.verdicts import Scene, judge_account
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _

WHOLE_SECONDS = 600.0  # of a lab, whose machines have their packages already
_ARRIVAL_SECONDS, _SETTLE_SECONDS = 90.0, 120.0


def run(world: World) -> None:
    """Replace each machine, the active one last, each time on a whole platform."""
    if not world.platform.in_lab:
        raise NotHere(_("no machine can be installed anew from here: only the lab can do that"))
    world.until_healthy()
    for node in (world.standby, world.storage_node, world.active):
        world.until_healthy()
        _try(world, node)


def _try(world: World, node: Node) -> None:
    title = _("{node} replaced").format(node=node.name)
    ledger = Ledger()
    with Arrivals(boxes(world)) as arrivals, Stream(doors(world), ledger, world.mail, rate=RATE) as stream:
        stream.run_on(BEFORE_SECONDS)
        since = time.monotonic()
        node.crash()
        stream.run_on(BEFORE_SECONDS)
        _replace(world, node, title)
        stream.run_on(AFTER_SECONDS)
        stream.finish(within=RETRY_SECONDS)
        arrivals.until(ledger.accepted().keys(), within=_ARRIVAL_SECONDS)
        seen = dict(arrivals.seen)
    if not whole_again(world, title):
        revive(world)
    tried = _("{rate:g} messages a second while it is dead and while it is replaced").format(rate=RATE)
    judge_account(world, Scene(title, tried, ledger, seen, (since,)), settle(world, ledger, within=_SETTLE_SECONDS))


def _replace(world: World, node: Node, title: str) -> None:
    with world.checking(
        _("{event}: from a bare machine to a whole platform").format(event=title),
        tried=_("a bare machine in its place; `relevo replace {node}`").format(node=node.name),
        expected=_("whole within {limit:g} s").format(limit=WHOLE_SECONDS),
    ) as check:
        node.renew()
        began = time.monotonic()
        said = world.platform.relevo("replace", node.name, within=WHOLE_SECONDS)
        took = time.monotonic() - began
        check.saw(said, good=took <= WHOLE_SECONDS, figure=Figure(round(took, 1), "s"))


DRILL = Drill(
    "successor", _("A bare machine in a dead one's place"),
    _("A machine that is dead for good is replaced by one command while mail flows."), run, long=True,
)
