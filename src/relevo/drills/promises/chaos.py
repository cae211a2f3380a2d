"""Whatever breaks, one thing after the other, for as long as one likes: nothing that was accepted is lost.

Given clients that send 5 numbered messages a second by SMTP and by submission, and repeat what had no answer,
when machines, cables, services and the storage break at random, the next one as soon as the platform is whole again,
then in the end every accepted message is in its mailbox once, more than once only where a client had no answer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from relevo.drills.arrivals import Arrivals, boxes, settle
from relevo.drills.bricks import judge_copies
from relevo.drills.drill import Drill
from relevo.drills.events import RATE
from relevo.drills.ledger import Ledger
from relevo.drills.mending import revive
from relevo.drills.nodes import Node
from relevo.drills.promises import services
from relevo.drills.result import Figure
from relevo.drills.schedule import ACTIVE, STANDBY, Fault, faults
from relevo.drills.stream import Stream, doors
from relevo.drills.verdicts import Scene, judge_account
from relevo.drills.vocabulary import HEALTHY_SECONDS, World
from relevo.drills.waiting import TROUBLE, NotHere, describe
from relevo.i18n import _

CALM_SECONDS = 5.0  # before the first fault, and from when the platform is whole until the next one
MINUTES = 5.0
_SENDERS_PATIENCE = 300.0  # other mail servers try again for days
_SETTLE_SECONDS = 600.0


@dataclass
class Episode:
    """A fault as it happened: in words, its moment (monotonic seconds), and when all was whole again."""

    title: str
    at: float
    whole_after: float | None = None
    trouble: str = ""


def run_for(minutes: float, seed: int) -> Drill:
    """Return the drill that goes on for so long and draws what it breaks from this seed."""
    return Drill(
        "chaos", _("One thing after the other"),
        _("Whatever breaks at random under load, nothing that was accepted is lost."),
        lambda world: _run(world, minutes, seed), long=True,
    )


def _run(world: World, minutes: float, seed: int) -> None:
    if not world.platform.in_lab:
        raise NotHere(_("only in the lab may power be cut and cables pulled at random"))
    world.until_healthy()
    ledger, episodes = Ledger(), list[Episode]()
    drawn = faults(seed, services.units(world))
    with Arrivals(boxes(world)) as arrivals, Stream(doors(world), ledger, world.mail, rate=RATE) as stream:
        stream.run_on(CALM_SECONDS)
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            episodes.append(_suffer(world, stream, next(drawn)))
            _tell(world, ledger, len(episodes), episodes[-1])
            stream.run_on(CALM_SECONDS)
        stream.finish(patience=_SENDERS_PATIENCE)
        arrivals.until(ledger.accepted().keys(), within=_SETTLE_SECONDS)
        seen = dict(arrivals.seen)
    tried = _("{count} faults in {minutes:g} minutes, seed {seed}; {rate:g} messages a second").format(
        count=len(episodes), minutes=minutes, seed=seed, rate=RATE,
    )
    scene = Scene(_("chaos"), tried, ledger, seen, tuple(episode.at for episode in episodes))
    judge_account(world, scene, settle(world, ledger, within=_SETTLE_SECONDS))
    judge_copies(world, scene.title)


def _suffer(world: World, stream: Stream, fault: Fault) -> Episode:
    """Let a fault happen, last and be mended; wait until all is whole, with help where it does not become so."""
    node, other = _machine(world, fault.role), _machine(world, fault.other or ACTIVE)
    title = fault.kind.title.format(node=node.name, other=other.name, unit=fault.unit)
    episode = Episode(title, time.monotonic())
    try:
        fault.kind.strike(node, other, fault.unit)
        stream.run_on(fault.seconds)
        episode.trouble = "; ".join(world.restore())
        mended = time.monotonic()
        world.until_healthy()
        episode.whole_after = time.monotonic() - mended
    except TROUBLE as trouble:
        episode.trouble = describe(trouble)
        revive(world)
    return episode


def _machine(world: World, role: str) -> Node:
    return {ACTIVE: lambda: world.active, STANDBY: lambda: world.standby}.get(role, lambda: world.storage_node)()


def _tell(world: World, ledger: Ledger, number: int, episode: Episode) -> None:
    """Write one fault into the table: it counts as passed when the platform became whole by itself."""
    clock = datetime.now().astimezone().strftime("%H:%M:%S")
    with world.checking(
        _("{number}. {what}").format(number=number, what=episode.title),
        tried=_("{clock}; mended after a while").format(clock=clock),
        expected=_("whole within {limit:g} s after it was mended").format(limit=HEALTHY_SECONDS),
    ) as check:
        gap = ledger.longest_gap(episode.at)
        if episode.trouble or episode.whole_after is None:
            check.saw(episode.trouble or _("not whole"), good=False)
            return
        text = _("whole after {whole:.1f} s; longest time without a 250: {gap:.2f} s").format(
            whole=episode.whole_after, gap=gap if gap is not None else float("inf"),
        )
        check.saw(text, good=True, figure=Figure(round(gap or 0.0, 2), "s"))


DRILL = run_for(MINUTES, seed=1)
