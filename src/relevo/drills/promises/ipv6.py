"""Over IPv6 clients and other servers are served as over IPv4, by whichever node is active.

Given a virtual IP of IPv6 beside the other one, and a client that waits in IMAP IDLE over it,
when the operator moves the virtual IP to the other node,
then SMTP, IMAP and webmail answer again over IPv6 within 5 s, and the waiting client learns of it within 2 s.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor

from relevo.agent.planned import SWITCH_OVER
from relevo.cluster.wires import ASK_AGENT
from relevo.drills.blackout import Seen, by_protocol, judge_outage
from relevo.drills.drill import Drill
from relevo.drills.limits import aim
from relevo.drills.mailbox import Mailbox
from relevo.drills.mending import whole_again
from relevo.drills.nodes import Node
from relevo.drills.probes import Target, sparse
from relevo.drills.promises.idle import IDLE_SECONDS, TOLD, IdleClient
from relevo.drills.result import Figure
from relevo.drills.vocabulary import CLIENT_NAME, World
from relevo.drills.waiting import NotHere
from relevo.drills.watch import Watch
from relevo.errors import DrillError
from relevo.i18n import _

LIMIT = aim(1.5)
_WATCH_SECONDS = 30.0  # how long the watch goes on when a protocol doesn't come back
_ANY_PORT = 9  # nothing is sent to it


def run(world: World) -> None:
    """Ask each protocol once, then move the virtual IP and see what clients notice."""
    if not (vip6 := world.cluster.vip6):
        raise NotHere(_("network.vip6 is not set: the platform has no IPv6"))
    _must_have_a_way(vip6)
    world.until_healthy()
    account = world.accounts.a
    target = Target(vip6, world.cluster.hostname, world.tls(), account.address, account.password, CLIENT_NAME)
    _answers(world, target)
    _moves(world, target)
    whole_again(world, _("switchover"))


def _must_have_a_way(vip6: str) -> None:
    """Raise NotHere when this machine can send nothing to the virtual IP."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((vip6, _ANY_PORT))
        except OSError as error:
            text = _("this machine has no way to {vip6} ({error}): give it an IPv6 address")
            raise NotHere(text.format(vip6=vip6, error=error.strerror)) from None


def _answers(world: World, target: Target) -> None:
    for exchange in sparse(target):
        with world.checking(
            _("{protocol} over IPv6").format(protocol=exchange.protocol),
            tried=f"{exchange.does} @ {target.address}", expected=_("an answer"),
        ) as check:
            check.saw(asyncio.run(_in_time(exchange.perform())), good=True)


async def _in_time(answer: Awaitable[str]) -> str:
    return await asyncio.wait_for(answer, LIMIT.run)


def _moves(world: World, target: Target) -> None:
    giver = world.active
    box = Mailbox(target.address, world.accounts.b, world.tls())
    with Watch(sparse(target)) as watch, IdleClient(box) as waiting, ThreadPoolExecutor(1) as pool:
        told = pool.submit(_until_told, waiting)
        time.sleep(IDLE_SECONDS)
        since = time.monotonic()
        _switch_over(giver)
        watch.until_steady(time.monotonic(), within=_WATCH_SECONDS)
        found = watch.outages(since)
    tried = _("switchover from {node}; new connections to {vip} all the time")
    _judge(world, tried.format(node=giver.name, vip=target.address), found, giver)
    with world.checking(
        _("idle client over IPv6 is told"),
        tried=_("a client waits in IDLE; switchover from {node}").format(node=giver.name),
        expected=_("its connection ends within {limit}").format(limit=TOLD),
    ) as check:
        took = told.result() - since
        seen = _("after {seconds:.2f} s").format(seconds=took)
        check.saw(seen, good=took >= 0 and TOLD.allows(took), figure=Figure(round(took, 3), "s", TOLD.median))


def _until_told(waiting: IdleClient) -> float:
    """Return when the connection ended (monotonic seconds); raise ProbeFailed when nothing says so."""
    waiting.until_ended(IDLE_SECONDS + _WATCH_SECONDS)
    return time.monotonic()


def _switch_over(giver: Node) -> None:
    if why := str(json.loads(giver.run(*ASK_AGENT, SWITCH_OVER)).get("refused", "?")):
        raise DrillError(f"{giver.name}: {why}")


def _judge(world: World, tried: str, found: Seen, giver: Node) -> None:
    for protocol, seen in by_protocol(found).items():
        name = _("switchover: {protocol} over IPv6").format(protocol=protocol)
        judge_outage(world, name, tried, seen, LIMIT)
    with world.checking(_("the other node answers"), tried=tried, expected=_("the virtual IP is there")) as check:
        now = world.active
        check.saw(now.name, good=now.name != giver.name)


DRILL = Drill(
    "ipv6", _("IPv6"),
    _("Over the virtual IP of IPv6 clients are served, and again within 5 s of a switchover."), run,
)
