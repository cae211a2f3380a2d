"""All is dark for a while, or half of it: machines go off, and on again one by one, while clients go on trying.

live_through(world, Dark(...))     plays one such night, and judges what became of the mail
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from relevo.cluster.wires import STORAGE_UNIT
from relevo.drills.arrivals import Arrivals, boxes, settle
from relevo.drills.events import BEFORE_SECONDS, RATE
from relevo.drills.health import ailments
from relevo.drills.ledger import Ledger
from relevo.drills.limits import Limit
from relevo.drills.mending import make_whole
from relevo.drills.nodes import Node
from relevo.drills.stream import Stream, doors
from relevo.drills.verdicts import Scene, judge_account, judge_time
from relevo.drills.vocabulary import World, eventually
from relevo.errors import DrillError, RelevoError
from relevo.i18n import _

DARK_SECONDS, PAUSE_SECONDS = 10.0, 15.0  # all are off; between one machine and the next
_PATIENCE, _SETTLE_SECONDS = 180.0, 180.0  # from when the last machine is on
_SENDERS_PATIENCE = 120.0  # so long without any answer clients go on with what has none
_DATABASE = "mariadb"
_STATUS = "SHOW STATUS LIKE 'wsrep_cluster_status'"


@dataclass(frozen=True)
class Dark:
    """Which machines go off and how (`go`), in which order they come back, and how soon all must serve again.

    `counted`: after so many machines are on, `counted_in_words`. `late`: it comes back when all has been judged.
    """

    title: str
    what: str
    off: Sequence[Node]
    go: Callable[[Node], object]
    back: Sequence[Node]
    counted: int
    counted_in_words: str
    serves: Limit
    delivers: Limit
    late: Sequence[Node] = ()


@dataclass(frozen=True)
class Night:
    """It was dark: since when, when each machine was on again, in their order, and from when is counted (monotonic)."""

    since: float
    on: tuple[float, ...]
    counted: float


def live_through(world: World, dark: Dark) -> None:
    """Play one night on a whole platform, and judge what became of the mail."""
    world.until_healthy()
    ledger = Ledger()
    with Arrivals(boxes(world)) as arrivals, Stream(doors(world), ledger, world.mail, rate=RATE) as stream:
        stream.run_on(BEFORE_SECONDS)
        night = play(stream, dark)
        with suppress(DrillError):
            eventually(
                lambda: ledger.first_accepted(night.counted) is not None, within=_PATIENCE,
                what=_("mail to be accepted"),
            )
        needs = "" if ledger.first_accepted(night.counted) is not None else what_is_missing(world)
        stream.finish(patience=_SENDERS_PATIENCE)
        arrivals.until(ledger.accepted().keys(), within=_PATIENCE)
        scene = scene_of(dark, ledger, dict(arrivals.seen), night)
    tell(world, dark, scene, night, needs)
    for node in dark.late:
        node.boot()
    make_whole(world, dark.title)
    judge_account(world, scene, settle(world, ledger, within=_SETTLE_SECONDS))


def all_at_once(nodes: Iterable[Node], go: Callable[[Node], object]) -> float:
    """Do that to all machines at once; return when it was begun."""
    nodes, since = list(nodes), time.monotonic()
    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(go, nodes))
    return since


def play(stream: Stream, dark: Dark) -> Night:
    """Switch them off, and on again one after the other, while clients go on trying."""
    since, on = all_at_once(dark.off, dark.go), list[float]()
    for number, node in enumerate(dark.back):
        stream.run_on(PAUSE_SECONDS if number else DARK_SECONDS)
        node.boot()
        on.append(time.monotonic())
    return Night(since, tuple(on), on[dark.counted - 1])


def scene_of(dark: Dark, ledger: Ledger, seen: dict[str, float], night: Night) -> Scene:
    """Return the night for those who judge it."""
    tried = _("{rate:g} messages a second; {what}; on again after {times} s").format(
        rate=RATE, what=dark.what, times=", ".join(f"{moment - night.since:.0f}" for moment in night.on),
    )
    return Scene(dark.title, tried, ledger, seen, (night.since,))


def tell(world: World, dark: Dark, scene: Scene, night: Night, needs: str) -> None:
    """Write into the table how soon mail was accepted and delivered again."""
    last = night.on[-1] - night.counted
    later = _("the last machine was on after {seconds:.2f} s").format(seconds=last) if last else ""
    accepted = scene.ledger.first_accepted(night.counted)
    name = _("mail accepted, from when {words}").format(words=dark.counted_in_words)
    judge_time(world, scene, name, accepted, dark.serves, more="; ".join(filter(None, (later, needs))))
    name = _("mail delivered, from when {words}").format(words=dark.counted_in_words)
    judge_time(world, scene, name, scene.first_delivered(night.counted), dark.delivers)
    judge_time(world, scene, _("longest time without a 250"), scene.ledger.longest_gap(night.since), None)


def what_is_missing(world: World) -> str:
    """Return why nobody serves, and what an operator would have to do."""
    states = {node.name: _state_of(node) for node in world.mail_nodes}
    told = "; ".join(f"{name}: {state}" for name, state in states.items())
    if not any(f"{_DATABASE} Primary" in state for state in states.values()):
        return _("no database serves, `relevo recover database` would be needed: {states}").format(states=told)
    troubles = ailments(world.cluster, world.nodes)
    return _("the database serves, something else is missing: {states}").format(states="; ".join([told, *troubles]))


def _state_of(node: Node) -> str:
    try:
        units = node.run("sh", "-c", f"systemctl is-active {STORAGE_UNIT} {_DATABASE}; :").split()
    except RelevoError as error:
        return str(error)
    status = ""
    with suppress(RelevoError):
        status = node.run("mariadb", "--connect-timeout=3", "-NBe", _STATUS, within=10).split()[-1]
    return f"{STORAGE_UNIT} {units[0]}, {_DATABASE} {status or units[-1]}"
