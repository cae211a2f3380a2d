"""Which messages were just being delivered when something happened: those may be there twice, and no others."""

from __future__ import annotations

import json
import time

import pytest

from relevo.agent.history import LOST, OPENED, TOOK
from relevo.drills.doubts import Course, Stay
from relevo.drills.ledger import Attempt, Ledger, Message, State, Way
from relevo.drills.timeline import around, events, moves, wall
from relevo.drills.verdicts import IN_HAND_SECONDS, Evidence, Scene
from relevo.errors import RelevoError


def ledger(*ended: float) -> Ledger:
    """Return one with messages that were accepted then, within a tenth of a second each."""
    found = Ledger()
    for number, end in enumerate(ended, 1):
        found.add(Message(number, f"drill{number:016x}", "a@example.org", Way.SMTP, 0.0))
        found.note(number, Attempt(end - 0.1, end, State.ACCEPTED, "250"))
    return found


def scene(*ended: float, took: float = 0.0) -> Scene:
    return Scene("", "", ledger(*ended), {}, (100.0,), took=took)


@pytest.mark.parametrize(
    ("ended", "moved", "took", "in_hand"),
    [
        (100.0, [], 0.0, True),
        (100.0 - IN_HAND_SECONDS - 0.1, [], 0.0, False),
        (100.0 + IN_HAND_SECONDS + 0.2, [], 0.0, False),
        (130.0, [], 0.0, False),
        (130.0, [131.0], 0.0, True),  # the virtual IP moved once more
        (94.0, [], 0.0, False),
        (94.0, [], 6.0, True),  # a disk that was filled for six seconds
    ],
)
def test_in_hand_is_what_was_accepted_just_then(ended: float, moved: list[float], took: float, in_hand: bool):
    assert (scene(ended, took=took).in_hand(moved) == {1}) is in_hand


class Told:
    """A node whose agent tells this."""

    def __init__(self, name: str, *events: tuple[str, float], reachable: bool = True) -> None:
        self.name, self._events, self._reachable = name, events, reachable

    def run(self, *_: str) -> str:
        if not self._reachable:
            raise RelevoError("off")
        ahead = time.time() - time.monotonic()
        return json.dumps([{"event": event, "at": at + ahead, "why": ""} for event, at in self._events])


def test_moves_are_when_the_virtual_ip_came_or_went_since_then():
    one, other = Told("one", (TOOK, 90.0), (LOST, 110.0), (OPENED, 111.0)), Told("two", (TOOK, 110.5))
    noted = events([one, other, Told("three", reachable=False)])
    assert moves(noted, wall(100.0)) == pytest.approx([wall(110.0), wall(110.5)], abs=0.01)


def test_what_was_noted_around_a_moment_is_timed_from_it():
    noted = events([Told("one", (TOOK, 90.0), (LOST, 110.0)), Told("two", (TOOK, 110.5))])
    lines = around(noted, wall(109.9))
    assert [line.split()[0] for line in lines] == ["+0.100", "+0.600"]
    assert [line.split()[2:4] for line in lines] == [["one", "lost:"], ["two", "took:"]]


def test_what_is_told_of_a_message_has_its_sendings():
    course = Course([wall(100.5)], {"4jb": Stay(wall(100.2), wall(100.7))})
    evidence = Evidence([wall(101.0)], {f"drill{1:016x}": course})
    line, moved = evidence.told(scene(100.3), [1])
    assert line == "1: sent +0.200 accepted +0.300 s; stored +0.500 s; queued 4jb +0.200 to +0.700 s"
    assert moved == "+1.000 s VIP"
    assert evidence.told(scene(100.3), []) == ()
