"""The machine that alone has the mail is away for a minute: mail waits, nothing is lost, all goes on without a hand.

Given a mail store of the kind `nfs`, and clients that send a numbered message every few seconds,
when the storage machine loses power for a minute and boots again,
then mail is accepted and read again as soon as it is back, and every accepted message is in its mailbox, once.

Nothing is promised for the minute itself: there is no mail store. It also suits machines that are slow.
"""

from __future__ import annotations

import time

from relevo.drills.arrivals import Arrivals, boxes, settle
from relevo.drills.drill import Drill
from relevo.drills.events import BEFORE_SECONDS
from relevo.drills.ledger import Ledger
from relevo.drills.mending import make_whole
from relevo.drills.stream import Stream, doors
from relevo.drills.verdicts import Scene, judge_account, judge_time
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _

AWAY_SECONDS = 60.0
_RATE = 0.2  # messages a second: each costs an emulated machine seconds
_AFTER_SECONDS = 60.0
_SENDERS_PATIENCE = 300.0  # so long without any answer clients go on with what has none
_ARRIVAL_SECONDS, _SETTLE_SECONDS = 180.0, 120.0


def run(world: World) -> None:
    """Cut the storage machine's power for a minute, and see what became of the mail."""
    world.demand_lab()
    if world.cluster.storage.kind != "nfs":
        text = _("the mail is not on one machine alone: its store is of the kind {kind}")
        raise NotHere(text.format(kind=world.cluster.storage.kind))
    world.until_healthy()
    world.forgive()
    title, node, ledger = _("the storage machine away"), world.storage_node, Ledger()
    with Arrivals(boxes(world)) as arrivals, Stream(doors(world), ledger, world.mail, rate=_RATE) as stream:
        stream.run_on(BEFORE_SECONDS)
        struck = time.monotonic()
        node.crash()
        stream.run_on(AWAY_SECONDS)
        node.boot()
        since = time.monotonic()
        stream.run_on(_AFTER_SECONDS)
        stream.finish(patience=_SENDERS_PATIENCE)
        arrivals.until(ledger.accepted().keys(), within=_ARRIVAL_SECONDS)
        seen = dict(arrivals.seen)
    make_whole(world, title)
    tried = _("a message every {every:g} s; {node} has no power for {away:g} s").format(
        every=1 / _RATE, node=node.name, away=AWAY_SECONDS,
    )
    scene = Scene(title, tried, ledger, seen, (since,), took=since - struck)
    judge_account(world, scene, settle(world, ledger, within=_SETTLE_SECONDS))
    judge_time(world, scene, _("first mail accepted, from its boot"), ledger.first_accepted(since), None)
    judge_time(world, scene, _("first mail delivered, from its boot"), scene.first_delivered(since), None)


DRILL = Drill(
    "store-away", _("The store away"),
    _("The machine that alone has the mail is away for a minute: mail waits, nothing is lost, all goes on by itself."),
    run, long=True,
)
