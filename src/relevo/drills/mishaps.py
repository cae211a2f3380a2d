"""Random schedules of one to three faults that overlap in time: drawn from a seed, then made to happen.

drawn(seed)                pure: the same seed gives the same schedule
in_words(mishaps, cast)    for the table; a cast says which machine has which role when the schedule begins
happen(mishaps, cast)      each begins and ends in its time; returns what could not be done, in words
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from relevo.cluster.wires import STORAGE_UNIT
from relevo.drills.nodes import Node
from relevo.drills.schedule import ACTIVE, ALL, MAIL, STANDBY, STORAGE
from relevo.drills.vocabulary import World
from relevo.drills.waiting import TROUBLE, describe
from relevo.i18n import _

MOST = 3  # faults in a schedule
LATEST_BEGIN, SHORTEST_SECONDS, OVER_SECONDS = 6.0, 3.0, 12.0  # all has begun, each lasts, all is over
AGENT_UNIT = "relevo-agent"
Cast = Mapping[str, Node]
Pair = tuple[str, str]  # roles: who sends, and who does not get it


def _nothing(_node: Node) -> None:
    """It comes back by itself."""


@dataclass(frozen=True)
class Kind:
    """A way to break a machine, or the connections of one: `pairs` says which, of it, another one and the third.

    `title` has {node}, {other} and {one}, which is the same as {node}. `weight`: how often it is drawn.
    """

    name: str
    title: str
    roles: tuple[str, ...] = ALL
    begin: Callable[[Node], object] = _nothing
    end: Callable[[Node], object] = _nothing
    pairs: Callable[[str, str, str], tuple[Pair, ...]] = lambda _one, _other, _third: ()
    weight: int = 2
    lasts: bool = True


KINDS = (
    Kind("power", _("{node} loses power"), begin=Node.crash, end=Node.boot, weight=4),
    Kind("cable", _("the cable of {node} is pulled"), begin=Node.unplug, end=Node.plug_in, weight=4),
    Kind("pause", _("{node} stands still"), begin=Node.pause, end=Node.go_on, weight=6),
    Kind("agent", _("the agent of {node} is killed"), begin=lambda node: node.kill(AGENT_UNIT), lasts=False),
    Kind(
        "mount", _("the mount of the mail store on {node} hangs"), MAIL,
        begin=lambda node: node.hang(STORAGE_UNIT), end=lambda node: node.thaw(STORAGE_UNIT),
    ),
    Kind(
        "apart", _("{node} and {other} don't hear each other"), weight=3,
        pairs=lambda one, other, _third: ((one, other), (other, one)),
    ),
    Kind(
        "alone", _("{one} apart from both others"), weight=3,
        pairs=lambda one, other, third: ((one, other), (other, one), (one, third), (third, one)),
    ),
    Kind("one-way", _("nothing of {node} reaches {other}"), pairs=lambda one, other, _third: ((one, other),)),
    Kind(
        "mute", _("nothing of {one} reaches the others"),
        pairs=lambda one, other, third: ((one, other), (one, third)),
    ),
    Kind(
        "deaf", _("nothing of the others reaches {one}"),
        pairs=lambda one, other, third: ((other, one), (third, one)),
    ),
)


@dataclass(frozen=True)
class Mishap:
    """One fault: how, on whom, from when to when (seconds since the schedule began)."""

    kind: Kind
    role: str
    other: str
    third: str
    begins: float
    ends: float

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Return which connections are cut."""
        return self.kind.pairs(self.role, self.other, self.third)

    @property
    def touches(self) -> frozenset[object]:
        """Return what no other fault of the same schedule may touch: else the end of one would mend the other."""
        return frozenset(self.pairs) or frozenset({self.role})


def drawn(seed: int, kinds: Sequence[Kind] = KINDS) -> tuple[Mishap, ...]:
    """Return the schedule of a seed, in the order in which its faults begin."""
    draw = random.Random(seed)  # noqa: S311 - to be reproduced, no secret
    count, found = draw.randint(1, MOST), list[Mishap]()
    while len(found) < count:
        mishap = _one(draw, kinds)
        if not any(mishap.touches & earlier.touches for earlier in found):
            found.append(mishap)
    return tuple(sorted(found, key=lambda mishap: mishap.begins))


def _one(draw: random.Random, kinds: Sequence[Kind]) -> Mishap:
    kind = draw.choices(kinds, [kind.weight for kind in kinds])[0]
    role = draw.choice(kind.roles)
    other, third = draw.sample([one for one in ALL if one != role], 2)
    begins = round(draw.uniform(0, LATEST_BEGIN), 1)
    ends = round(draw.uniform(begins + SHORTEST_SECONDS, OVER_SECONDS), 1)
    return Mishap(kind, role, other, third, begins, ends if kind.lasts else begins)


def cast_of(world: World) -> Cast:
    """Return who is what at the moment."""
    active = world.active
    standby = next(node for node in world.mail_nodes if node is not active)
    return {ACTIVE: active, STANDBY: standby, STORAGE: world.storage_node}


def in_words(mishaps: Sequence[Mishap], cast: Cast) -> str:
    """Return what is going to happen, and when."""
    def what(mishap: Mishap) -> str:
        node, other = cast[mishap.role].name, cast[mishap.other].name
        till = f"-{mishap.ends:g}" if mishap.kind.lasts else ""
        return f"{mishap.kind.title.format(node=node, one=node, other=other)} ({mishap.begins:g}{till} s)"

    return "; ".join(map(what, mishaps))


def happen(mishaps: Sequence[Mishap], cast: Cast) -> list[str]:
    """Let them begin and end in their time; return when all are over, with what could not be done."""
    since = time.monotonic()
    with ThreadPoolExecutor(len(mishaps), "mishaps") as pool:
        lasting = [pool.submit(_happen, mishap, cast, since) for mishap in mishaps]
        return [trouble for one in lasting for trouble in one.result()]


def _happen(mishap: Mishap, cast: Cast, since: float) -> list[str]:
    troubles = []
    for at, act in ((mishap.begins, _begin), (mishap.ends, _end)):
        time.sleep(max(0.0, since + at - time.monotonic()))
        try:
            act(mishap, cast)
        except TROUBLE as trouble:
            troubles.append(f"{mishap.kind.name}: {describe(trouble)}")
    return troubles


def _begin(mishap: Mishap, cast: Cast) -> None:
    mishap.kind.begin(cast[mishap.role])
    for sender, receiver in mishap.pairs:
        cast[sender].block(cast[receiver])


def _end(mishap: Mishap, cast: Cast) -> None:
    mishap.kind.end(cast[mishap.role])
    for sender, receiver in mishap.pairs:
        cast[sender].unblock(cast[receiver])
