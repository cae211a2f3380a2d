"""Machines are shut down in order, as before a long outage, or one stays away: the platform serves again by itself.

Given clients that send 5 numbered messages a second, and go on trying,
when all machines are shut down and switched on again; when both mail nodes are; when all lose power, and storage01
stays away until the end,
then mail is accepted again once both mail nodes are on, without a command, and every message that was ever accepted
arrives. The databases don't find together by themselves then: the agents begin their cluster with the newest copy.
"""

from __future__ import annotations

from relevo.drills.drill import Drill
from relevo.drills.limits import aim
from relevo.drills.nights import Dark, live_through
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.i18n import _

SERVES, DELIVERS = aim(45.0), aim(50.0)
SERVES_WITHOUT_THIRD, DELIVERS_WITHOUT_THIRD = aim(90.0), aim(95.0)  # they wait for it first


def run(world: World) -> None:
    """Let one night after the other happen."""
    world.demand_lab()
    for dark in nights(world):
        live_through(world, dark)


def nights(world: World) -> list[Dark]:
    """Return what happens: all in order, the mail nodes alone, and a power cut after which one stays away."""
    one, other, storage = *world.mail_nodes, world.storage_node
    both = _("both mail nodes are on")
    cases = [
        Dark(
            _("all machines shut down"), _("all machines are shut down"), [one, other, storage], Node.shut_down,
            [storage, one, other], counted=3, counted_in_words=both, serves=SERVES, delivers=DELIVERS,
        ),
        Dark(
            _("both mail nodes shut down"), _("both mail nodes are shut down"), [one, other], Node.shut_down,
            [other, one], counted=2, counted_in_words=both, serves=SERVES, delivers=DELIVERS,
        ),
    ]
    if world.cluster.storage.kind == "glusterfs":  # else that machine has all the mail
        cases.append(Dark(
            _("all without power, {name} stays away").format(name=storage.name), _("all machines lose power"),
            [one, other, storage], Node.crash, [one, other], counted=2, counted_in_words=both,
            serves=SERVES_WITHOUT_THIRD, delivers=DELIVERS_WITHOUT_THIRD, late=[storage],
        ))
    return cases


DRILL = Drill(
    "shutdown", _("Shut down in order"),
    _("After machines were shut down, or when one stays away after a power cut, the platform serves again by itself."),
    run, long=True,
)
