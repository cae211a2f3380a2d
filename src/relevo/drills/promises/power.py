"""All machines lose power at the same time, and come back one after the other: the platform serves again by itself.

Given clients that send 5 numbered messages a second, and go on trying,
when all three machines lose power, and come back in any order, 15 s apart,
then mail is accepted within a minute from when two of them are on, and every message that was ever accepted arrives.
Where that is not so, the drill says what is missing, and whether `relevo recover` would be needed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from relevo.cluster.wires import STORAGE_UNIT
from relevo.drills.arrivals import Arrivals, boxes, settle
from relevo.drills.drill import Drill
from relevo.drills.events import BEFORE_SECONDS, RATE
from relevo.drills.health import ailments
from relevo.drills.ledger import Ledger
from relevo.drills.limits import aim
from relevo.drills.mending import revive, whole_again
from relevo.drills.nodes import Node
from relevo.drills.stream import Stream, doors
from relevo.drills.verdicts import Scene, judge_account, judge_time
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import NotHere
from relevo.errors import DrillError, RelevoError
from relevo.i18n import _

DARK_SECONDS, PAUSE_SECONDS = 10.0, 15.0  # all are off; between one machine and the next
SERVES = aim(25.0)  # from when two machines are on
DELIVERS = aim(30.0)
_PATIENCE, _RETRY_SECONDS, _SETTLE_SECONDS = 120.0, 120.0, 180.0  # from when the last machine is on
_DATABASE = "mariadb"
_STATUS = "SHOW STATUS LIKE 'wsrep_cluster_status'"


@dataclass(frozen=True)
class Night:
    """All was dark: since when, and when each machine was on again, in their order (monotonic seconds)."""

    since: float
    on: tuple[float, ...]

    @property
    def majority(self) -> float:
        """When two machines were on."""
        return self.on[1]


def run(world: World) -> None:
    """Cut the power of all machines, once for each that may come back first."""
    if not world.platform.in_lab:
        text = _("the power of {node} can't be cut from here: only the lab can do that")
        raise NotHere(text.format(node=world.active.name))
    for order in orders(world):
        world.until_healthy()
        _try(world, order)


def orders(world: World) -> list[list[Node]]:
    """Return in which orders the machines come back: each of them is the first once."""
    one, other, storage = *world.mail_nodes, world.storage_node
    return [[one, storage, other], [storage, one, other], [other, one, storage]]


def black_out(world: World) -> float:
    """Cut the power of all machines at once; return when that was."""
    since = time.monotonic()
    with ThreadPoolExecutor(len(world.nodes)) as pool:
        list(pool.map(Node.crash, world.nodes.values()))
    return since


def _try(world: World, order: Sequence[Node]) -> None:
    title = _("all without power, {names} in this order").format(names=", ".join(node.name for node in order))
    ledger = Ledger()
    with Arrivals(boxes(world)) as arrivals, Stream(doors(world), ledger, world.mail, rate=RATE) as stream:
        stream.run_on(BEFORE_SECONDS)
        night = _live_through(world, stream, order)
        with suppress(DrillError):
            eventually(
                lambda: ledger.first_accepted(night.majority) is not None, within=_PATIENCE, what="mail to be accepted",
            )
        needs = "" if ledger.first_accepted(night.majority) is not None else what_is_missing(world)
        stream.finish(within=_RETRY_SECONDS)
        arrivals.until(ledger.accepted().keys(), within=_PATIENCE)
        scene = _scene(title, ledger, dict(arrivals.seen), night)
    _tell(world, scene, night, needs)
    if not whole_again(world, title):
        revive(world)
    judge_account(world, scene, settle(world, ledger, within=_SETTLE_SECONDS))


def _live_through(world: World, stream: Stream, order: Sequence[Node]) -> Night:
    """Switch all off, and on again one after the other, while clients go on trying."""
    since, on = black_out(world), list[float]()
    for pause, node in zip((DARK_SECONDS, PAUSE_SECONDS, PAUSE_SECONDS), order, strict=True):
        stream.run_on(pause)
        node.boot()
        on.append(time.monotonic())
    return Night(since, tuple(on))


def _scene(title: str, ledger: Ledger, seen: dict[str, float], night: Night) -> Scene:
    tried = _(
        "{rate:g} messages a second; all machines lose power; the first is on after {first:.0f} s, "
        "the second after {second:.0f} s, the third after {third:.0f} s"
    )
    first, second, third = (moment - night.since for moment in night.on)
    return Scene(title, tried.format(rate=RATE, first=first, second=second, third=third), ledger, seen, (night.since,))


def _tell(world: World, scene: Scene, night: Night, needs: str) -> None:
    third = _("the third machine was on after {seconds:.2f} s").format(seconds=night.on[2] - night.majority)
    accepted = scene.ledger.first_accepted(night.majority)
    name = _("mail accepted, from when two machines are on")
    judge_time(world, scene, name, accepted, SERVES, more="; ".join(filter(None, (third, needs))))
    name = _("mail delivered, from when two machines are on")
    judge_time(world, scene, name, scene.first_delivered(night.majority), DELIVERS)
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


DRILL = Drill(
    "power", _("All without power"),
    _("After a power cut of all machines the platform serves again by itself, and nothing is lost."), run, long=True,
)
