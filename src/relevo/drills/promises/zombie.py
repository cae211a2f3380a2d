"""Who was thought dead and comes back under load: nothing it does then loses mail or brings it twice.

Given clients that send 5 numbered messages a second by SMTP and by submission, and repeat what had no answer,
when the active node's cable is pulled, or all its processes are stopped, and it comes back ten seconds later,
then the other node has taken its work over, and every accepted message is in its mailbox once.
"""

from __future__ import annotations

from relevo.drills.drill import Drill
from relevo.drills.events import Event, play
from relevo.drills.limits import aim
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _

EVENTS = (
    Event(
        _("cable of the active node pulled"), lambda world: world.active, aim(3.0), aim(5.0),
        strike=Node.unplug, what=_("the cable of {node} is out for 10 s"), returns=True,
    ),
    Event(
        _("active node paused"), lambda world: world.active, aim(3.0), aim(5.0),
        strike=Node.pause, what=_("all processes of {node} are stopped for 10 s"), returns=True,
    ),
)


def run(world: World) -> None:
    """Take the active node away for ten seconds, in both ways."""
    if not world.platform.in_lab:
        text = _("the cable of {node} can't be pulled from here: only the lab can do that")
        raise NotHere(text.format(node=world.active.name))
    play(world, EVENTS)


DRILL = Drill(
    "zombie", _("Who comes back does no harm"),
    _("A node that was cut off or paused under load, and returns, writes nothing behind the other's back."), run,
)
