"""Storage that hangs or is full, on one machine or on both, loses nothing.

Given clients that send 5 numbered messages a second, and others that connect anew all the time,
when the mount of the active node hangs, or the brick on it hangs, or the disk of that brick is full, or no client finds
the copy of the mail on it any more,
then mail is accepted and read again within seconds;
and when the bricks of both mail nodes are full, so that no queue has room, clients are told to come again, and when
there is room ten seconds later everything arrives.
"""

from __future__ import annotations

from collections.abc import Iterator

from relevo.cluster.wires import STORAGE_UNIT
from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.events import Event, play
from relevo.drills.limits import aim
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _

BRICK_PROCESS = "glusterfsd"
# A stall of the storage is normal when a machine dies; a node gives up after 5 s without it (docs: failover).
MOUNT_ACCEPTED, MOUNT_DELIVERED = aim(3.0), aim(5.0)
BRICK_ACCEPTED, BRICK_DELIVERED = aim(2.0), aim(3.0)  # the clients of a silent brick give it up after a second
HIDDEN_ACCEPTED, HIDDEN_DELIVERED = aim(2.0), aim(3.0)  # its agent has it begin anew, which takes seconds
FULL_ACCEPTED, FULL_DELIVERED = aim(3.0), aim(5.0)  # what was being written when it filled up is tried again
# Ten of them there is none; bricks look for it every 5 s. A lock file that was being made just then is left half made,
# and Dovecot believes it for two minutes: so long that mailbox waits.
ROOM_ACCEPTED, ROOM_DELIVERED = aim(15.0), aim(125.0)


def run(world: World) -> None:
    """Let the storage fail in each way, each time on a whole platform."""
    if world.cluster.storage.kind != "glusterfs":
        text = _("the mail is not on the mail nodes' own disks (storage.kind = {kind})")
        raise NotHere(text.format(kind=world.cluster.storage.kind))
    play(world, events(world))


def events(world: World) -> Iterator[Event]:
    """Yield what is to happen."""
    def fill_both(_victim: object) -> None:
        for node in world.mail_nodes:
            node.fill()

    yield Event(
        _("mount hung on the active node"), lambda world: world.active, MOUNT_ACCEPTED, MOUNT_DELIVERED,
        strike=lambda node: node.hang(STORAGE_UNIT), what=_("the mount of the mail store on {node} hangs"),
        witnesses=(fresh(MOUNT_ACCEPTED),),
    )
    yield Event(
        _("brick hung on the active node"), lambda world: world.active, BRICK_ACCEPTED, BRICK_DELIVERED,
        strike=lambda node: node.halt(BRICK_PROCESS), what=_("the brick on {node} hangs"),
        witnesses=(fresh(BRICK_ACCEPTED),),
    )
    yield Event(
        _("brick full on the active node"), lambda world: world.active, FULL_ACCEPTED, FULL_DELIVERED,
        strike=Node.fill, what=_("the disk of the brick on {node} is full"), slowly=True,
        witnesses=(fresh(FULL_ACCEPTED),),
    )
    yield Event(
        _("copy of the active node found by nobody"), lambda world: world.active, HIDDEN_ACCEPTED, HIDDEN_DELIVERED,
        strike=Node.hide_copy, what=_("glusterd on {node} tells nobody any more where its copy listens"),
        witnesses=(fresh(HIDDEN_ACCEPTED),),
    )
    yield Event(
        _("no room for any queue"), lambda world: world.active, ROOM_ACCEPTED, ROOM_DELIVERED, returns=True,
        strike=fill_both, what=_("the bricks of both mail nodes are full for 10 s"), slowly=True,
        witnesses=(fresh(),),
    )


DRILL = Drill(
    "storage", _("Storage that hangs or is full"),
    _("Storage that hangs or is full on a machine stops nobody for longer than seconds, and loses nothing."), run,
    long=True,
)
