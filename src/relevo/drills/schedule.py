"""What breaks when, in a chaos drill: drawn from a seed, so that the same seed breaks the same things. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from relevo.cluster.wires import STORAGE_UNIT
from relevo.drills.nodes import Node
from relevo.i18n import _

SHORTEST_SECONDS, LONGEST_SECONDS = 6.0, 18.0  # how long a fault lasts before it is mended
ACTIVE, STANDBY, STORAGE = "active", "standby", "storage"  # roles, not machines: who is what turns all the time
ALL = (ACTIVE, STANDBY, STORAGE)
MAIL = (ACTIVE, STANDBY)


@dataclass(frozen=True)
class Kind:
    """A way to break a machine. `strike` gets the machine, another one, and a unit of it.

    `weight`: how often it is drawn. `needs_unit`: it is done to a service. `between`: it needs another machine.
    """

    name: str
    title: str  # with {node}, {other} and {unit}
    roles: tuple[str, ...]
    strike: Callable[[Node, Node, str], object]
    weight: int = 2
    needs_unit: bool = False
    between: bool = False


def _part(node: Node, other: Node) -> None:
    node.block(other)
    other.block(node)


KINDS = (
    Kind("power", _("{node} loses power"), ALL, lambda node, _other, _unit: node.crash(), weight=4),
    Kind("cable", _("the cable of {node} is pulled"), ALL, lambda node, _other, _unit: node.unplug(), weight=3),
    Kind("pause", _("{node} stands still"), ALL, lambda node, _other, _unit: node.pause(), weight=3),
    Kind(
        "one-way", _("nothing of {node} reaches {other}"), ALL, lambda node, other, _unit: node.block(other),
        between=True,
    ),
    Kind(
        "apart", _("{node} and {other} don't hear each other"), ALL, lambda node, other, _unit: _part(node, other),
        between=True,
    ),
    Kind(
        "kill", _("{unit} on {node} is killed"), MAIL, lambda node, _other, unit: node.kill(unit), weight=4,
        needs_unit=True,
    ),
    Kind(
        "hang", _("{unit} on {node} hangs"), MAIL, lambda node, _other, unit: node.hang(unit), weight=4,
        needs_unit=True,
    ),
    Kind(
        "crash-loop", _("each start of {unit} on {node} fails"), MAIL,
        lambda node, _other, unit: node.crash_loop(unit), needs_unit=True,
    ),
    Kind("brick", _("the storage of {node} hangs"), ALL, lambda node, _other, _unit: node.halt("glusterfsd")),
    Kind("mount", _("the mount of the mail store on {node} hangs"), MAIL, lambda node, _o, _u: node.hang(STORAGE_UNIT)),
    Kind("full", _("the disk of the brick on {node} is full"), MAIL, lambda node, _other, _unit: node.fill()),
)


@dataclass(frozen=True)
class Fault:
    """One thing that breaks: how, on whom (roles, for the moment at which it happens), and for how many seconds."""

    kind: Kind
    role: str
    other: str = ""
    unit: str = ""
    seconds: float = SHORTEST_SECONDS


def faults(seed: int, units: Sequence[str], kinds: Sequence[Kind] = KINDS) -> Iterator[Fault]:
    """Yield faults without end; the same seed, units and kinds give the same ones."""
    draw = random.Random(seed)  # noqa: S311 - to be reproduced, no secret
    while True:
        kind = draw.choices(kinds, [kind.weight for kind in kinds])[0]
        role = draw.choice(kind.roles)
        yield Fault(
            kind, role,
            other=draw.choice([other for other in ALL if other != role]) if kind.between else "",
            unit=draw.choice(units) if kind.needs_unit else "",
            seconds=round(draw.uniform(SHORTEST_SECONDS, LONGEST_SECONDS), 1),
        )
