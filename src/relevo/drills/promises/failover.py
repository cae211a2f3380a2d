"""Losing a service, the whole failover daemon, or the power of the active node stops clients for less than 5 seconds.

Given a healthy platform and clients that connect anew every 20 ms,
when a service of the active node is stopped, or its power is cut,
then SMTP, IMAP, POP3 and webmail answer again within 5 s, and the platform becomes whole again by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from relevo.drills.blackout import by_protocol, judge_outage
from relevo.drills.drill import Drill
from relevo.drills.limits import Limit
from relevo.drills.mending import whole_again
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _

LIMIT_SECONDS = 5.0
_WATCH_SECONDS = 30.0  # how long the watch goes on when a protocol doesn't come back


@dataclass(frozen=True)
class Fault:
    """What happens to the active node."""

    title: str
    strike: Callable[[Node], None]


FAULTS = (
    Fault(_("Postfix stopped"), lambda node: node.stop("postfix")),
    Fault(_("nginx stopped"), lambda node: node.stop("nginx")),
    Fault(_("Dovecot stopped"), lambda node: node.stop("dovecot")),
    Fault(_("keepalived stopped"), lambda node: node.stop("keepalived")),
    Fault(_("power cut"), lambda node: node.crash()),
)


def run(world: World) -> None:
    """Try one fault after the other, each on a whole platform, on the node that is active then."""
    world.until_healthy()
    for fault in FAULTS:
        _try(world, fault)
        whole_again(world, fault.title)


def _try(world: World, fault: Fault) -> None:
    world.forgive()
    victim = world.active
    try:
        with world.watching() as watch:
            since = time.monotonic()
            fault.strike(victim)
            watch.until_steady(time.monotonic(), within=_WATCH_SECONDS)
            found = watch.outages(since)
    except NotHere as reason:
        world.recorder.not_run(fault.title, str(reason))
        return
    tried = _("{fault} on {node}; new connections to {vip} every 20 ms").format(
        fault=fault.title, node=victim.name, vip=world.cluster.vip,
    )
    for protocol, seen in by_protocol(found).items():
        judge_outage(world, f"{fault.title}: {protocol}", tried, seen, Limit(LIMIT_SECONDS))


DRILL = Drill(
    "failover", _("Failover"),
    _("Losing a service or the power of the active node stops clients for less than 5 seconds."), run,
)
