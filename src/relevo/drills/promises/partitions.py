"""Machines that don't hear each other, one way or both, never serve the same mailboxes twice, and lose nothing.

Given clients that send 5 numbered messages a second and reach every machine all along,
when two machines don't hear each other for ten seconds, or one of them doesn't hear the other, or one is cut off from
both others, or is not heard by them, or does not hear them,
then nothing is lost, never are both gates to the mailboxes open, and in the end one node holds the virtual IP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from relevo.drills.blackout import fresh
from relevo.drills.drill import Drill
from relevo.drills.events import Event, play
from relevo.drills.gates import Gates
from relevo.drills.nodes import Node
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from relevo.i18n import _


@dataclass(frozen=True)
class Role:
    """A machine by what it is at the moment."""

    title: str
    find: Callable[[World], Node]


ROLES = (
    Role(_("the active node"), lambda world: world.active),
    Role(_("the standby"), lambda world: world.standby),
    Role(_("the storage machine"), lambda world: world.storage_node),
)
Pair = tuple[Role, Role]  # who sends, and who does not get it


def run(world: World) -> None:
    """Cut every connection between machines, each in each way."""
    if not world.platform.in_lab:
        text = _("what {node} sends can't be dropped from here: only the lab can do that")
        raise NotHere(text.format(node=world.active.name))
    play(world, (_event(world, title, pairs) for title, pairs in cuts()))


def cuts() -> Iterator[tuple[str, list[Pair]]]:
    """Yield every cut: its title, and who is not heard by whom."""
    for one, other in combinations(ROLES, 2):
        yield _("{one} and {other} apart").format(one=one.title, other=other.title), [(one, other), (other, one)]
        for sender, receiver in ((one, other), (other, one)):
            title = _("nothing of {one} reaches {other}").format(one=sender.title, other=receiver.title)
            yield title, [(sender, receiver)]
    for one in ROLES:
        sent = [(one, other) for other in ROLES if other is not one]
        heard = [(other, one) for other in ROLES if other is not one]
        yield _("{one} apart from both others").format(one=one.title), sent + heard
        yield _("nothing of {one} reaches the others").format(one=one.title), sent
        yield _("nothing of the others reaches {one}").format(one=one.title), heard


def _event(world: World, title: str, pairs: Sequence[Pair]) -> Event:
    return Event(
        title, pairs[0][0].find, strike=lambda _victim: cut(world, pairs), returns=True,
        what=_("{title}, for 10 s").format(title=title), witnesses=(fresh(), Gates),
    )


def cut(world: World, pairs: Sequence[Pair]) -> None:
    """Drop what goes from one to the other, for all pairs; who is who is asked before the first."""
    machines = [(sender.find(world), receiver.find(world)) for sender, receiver in pairs]
    for sender, receiver in machines:
        sender.block(receiver)


DRILL = Drill(
    "partitions", _("Machines that don't hear each other"),
    _("Whoever doesn't hear whom: nothing is lost, and never do two nodes serve the mailboxes."), run, long=True,
)
