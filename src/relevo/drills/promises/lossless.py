"""Whichever machine loses power under load: what was answered with 250 arrives, and arrives once.

Given clients that send 5 numbered messages a second by SMTP and by submission, and repeat what had no answer,
when the active node, the standby or storage01 loses power for half a minute,
then every accepted message is in its mailbox once, more than once only where a client had no answer and sent it again;
and what lay in the dead node's queue is delivered by the survivor while that node is still without power.
"""

from __future__ import annotations

from relevo.drills.drill import Drill
from relevo.drills.events import Event, play
from relevo.drills.limits import aim
from relevo.drills.vocabulary import World
from relevo.i18n import _

EVENTS = (
    Event(_("power cut of the active node"), lambda world: world.active, aim(3.0), aim(5.0), leaves_queue=True),
    Event(_("power cut of the standby"), lambda world: world.standby, aim(2.0), aim(3.0)),
    Event(_("power cut of the storage machine"), lambda world: world.storage_node, aim(2.0), aim(3.0)),
)


def run(world: World) -> None:
    """Cut the power of one machine after the other, each on a whole platform."""
    world.demand_lab()
    play(world, EVENTS)


DRILL = Drill(
    "lossless", _("Nothing lost, nothing twice"),
    _("Whichever machine loses power under load, every accepted message arrives, and arrives once."), run,
)
