"""The database cluster is begun again by itself only where nothing is guessed; and nothing stays held."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest

from relevo.agent.revival import (
    AGAIN_SECONDS,
    FORM_SECONDS,
    FRESH_SECONDS,
    GONE_SECONDS,
    LAST_SECONDS,
    ORDERLY_SECONDS,
    PATIENCE_SECONDS,
    Act,
    Copy,
    Phase,
    Vote,
    decide,
    decide_vote,
    objection,
)

NOW = 10_000.0
NEVER = float("-inf")
HERE, THERE = "87303adb-e828-11f1-8901-faee98757618", "11111111-e828-11f1-8901-faee98757618"
WAITED = NOW - ORDERLY_SECONDS - 1
WAITS = Copy(Phase.WAITS, WAITED, NOW)
HELD = Copy(Phase.HELD, NOW - 2, NOW, uuid=HERE, seqno=7)
AWAY = Vote(held=False, heard=NOW - GONE_SECONDS - 1)
OUT = Vote(held=True, heard=NOW)


def act(own: Copy, other: Copy | None, vote: Vote = OUT, tried_at: float = NEVER, *, preferred: bool = True) -> Act:
    return decide(own, other, vote, NOW, tried_at=tried_at, preferred=preferred)


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (WAITS, WAITS, Act.HOLD),
        (WAITS, HELD, Act.HOLD),
        (WAITS, None, Act.NONE),
        (WAITS, replace(WAITS, heard=NOW - FRESH_SECONDS - 0.1), Act.NONE),
        (WAITS, Copy(Phase.SERVES, WAITED, NOW), Act.NONE),
        (WAITS, Copy(Phase.OTHER, WAITED, NOW), Act.NONE),  # stopped by hand, hanging, or just begun
        (WAITS, replace(WAITS, since=NOW - 1), Act.NONE),
        (replace(WAITS, since=NOW - 1), WAITS, Act.NONE),
        (replace(WAITS, keeps_view=True), WAITS, Act.HOLD),  # the other one has forgotten: they never find together
        (replace(WAITS, keeps_view=True), replace(WAITS, keeps_view=True), Act.NONE),
        (
            replace(WAITS, keeps_view=True, since=NOW - FORM_SECONDS - 1),
            replace(WAITS, keeps_view=True, since=NOW - FORM_SECONDS - 1), Act.HOLD,
        ),
        (Copy(Phase.SERVES, WAITED, NOW), WAITS, Act.NONE),
        (Copy(Phase.OTHER, WAITED, NOW), WAITS, Act.NONE),
    ],
)
def test_a_database_is_held_only_when_both_have_waited_in_vain(own: Copy, other: Copy | None, expected: Act):
    assert act(own, other) is expected


def test_what_did_not_help_is_not_repeated_at_once():
    assert act(WAITS, WAITS, tried_at=NOW - AGAIN_SECONDS + 1) is Act.NONE
    assert act(WAITS, WAITS, tried_at=NOW - AGAIN_SECONDS - 1) is Act.HOLD


@pytest.mark.parametrize(
    ("own", "other", "vote", "preferred", "expected"),
    [
        (HELD, HELD, OUT, True, Act.BEGIN),
        (HELD, HELD, OUT, False, Act.NONE),
        (HELD, replace(HELD, seqno=6), OUT, False, Act.BEGIN),
        (HELD, replace(HELD, seqno=8), OUT, True, Act.NONE),
        (HELD, HELD, AWAY, True, Act.BEGIN),
        (HELD, HELD, Vote(held=False, heard=NOW), True, Act.NONE),
        (HELD, HELD, Vote(held=True, heard=NOW - 5), True, Act.NONE),  # it may have let go since
        (HELD, None, OUT, True, Act.NONE),
        (HELD, replace(HELD, heard=NOW - FRESH_SECONDS - 0.1), OUT, True, Act.NONE),
        (HELD, replace(HELD, phase=Phase.STOPS, uuid="", seqno=-1), OUT, True, Act.NONE),
        (HELD, replace(HELD, since=NOW - LAST_SECONDS - 1), OUT, True, Act.NONE),  # it may be about to let go
        (HELD, replace(HELD, uuid=THERE), OUT, True, Act.LET_GO),
        (HELD, replace(HELD, seqno=-1), OUT, True, Act.LET_GO),
        (replace(HELD, uuid=""), HELD, OUT, True, Act.LET_GO),
        (replace(HELD, uuid="00000000-0000-0000-0000-000000000000"), HELD, OUT, True, Act.LET_GO),
        (HELD, Copy(Phase.SERVES, NOW, NOW), OUT, True, Act.LET_GO),
        (replace(HELD, since=NOW - PATIENCE_SECONDS - 1), HELD, OUT, True, Act.LET_GO),
        (replace(HELD, since=NOW - PATIENCE_SECONDS - 1), None, OUT, True, Act.LET_GO),
        (replace(HELD, phase=Phase.STOPS), HELD, OUT, True, Act.NONE),
        (replace(HELD, phase=Phase.BEGINS), HELD, OUT, True, Act.NONE),
    ],
)
def test_who_begins(own: Copy, other: Copy | None, vote: Vote, preferred: bool, expected: Act):
    assert act(own, other, vote, preferred=preferred) is expected


def test_of_two_that_see_each_other_one_begins_at_most():
    for one, two in ((7, 7), (7, 8), (8, 7)):
        first, second = replace(HELD, seqno=one), replace(HELD, seqno=two)
        acts = [act(first, second, preferred=True), act(second, first, preferred=False)]
        assert acts.count(Act.BEGIN) == 1


def test_a_human_is_told_why_nothing_is_begun():
    assert objection(HELD, HELD) == ""
    assert "different clusters" in objection(HELD, replace(HELD, uuid=THERE))
    assert "can't be read" in objection(replace(HELD, seqno=-1), None)


def test_the_third_vote_waits_while_both_are_held():
    assert decide_vote(None, [HELD, HELD], NOW) is Act.HOLD
    assert decide_vote(None, [HELD, WAITS], NOW) is Act.NONE
    assert decide_vote(None, [HELD, None], NOW) is Act.NONE
    assert decide_vote(None, [HELD, replace(HELD, heard=NOW - 5)], NOW) is Act.NONE
    assert decide_vote(NOW - 1, [HELD, HELD], NOW) is Act.NONE
    assert decide_vote(NOW - 1, [Copy(Phase.SERVES, NOW, NOW), HELD], NOW) is Act.LET_GO
    assert decide_vote(NOW - PATIENCE_SECONDS - 1, [None, None], NOW) is Act.LET_GO


@dataclass
class Machine:
    """A mail node of the world below: its disk (`seqno`, `keeps_view`), its server, and what its agent knows."""

    name: str
    seqno: int
    up: bool = False
    runs: bool = False  # mariadbd does
    member: bool = False  # and is in a cluster that serves
    phase: Phase | None = None
    since: float = NEVER
    bad_since: float = NOW
    tried_at: float = NEVER
    keeps_view: bool = False
    works_until: float = NEVER
    heard: Copy | None = None
    mark: bool = False
    agent: bool = True
    vote: Vote = field(default_factory=lambda: Vote(held=False))

    def says(self, now: float) -> Copy:
        found = Phase.SERVES if self.member else Phase.WAITS if self.runs else Phase.OTHER
        seqno = self.seqno if self.phase in {Phase.HELD, Phase.BEGINS} else -1
        uuid = HERE if seqno >= 0 else ""
        since = self.since if self.phase else self.bad_since
        return Copy(self.phase or found, since, now, self.keeps_view, uuid, seqno)


class World:
    """Two mail nodes that come back after all was stopped in order; their agents and machines die as the dice say."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a test's dice
        self.now = NOW
        self.one, self.two = Machine("mail01", 0), Machine("mail02", 0)
        self.newest = self.chance.randint(4, 9)
        behind = self.chance.choice((0, 0, 1, 3))
        self.one.seqno, self.two.seqno = self.chance.sample((self.newest, self.newest - behind), 2)
        self.began = 0

    def step(self) -> None:
        self.now += 0.25
        for machine, other in ((self.one, self.two), (self.two, self.one)):
            if machine.up and machine.agent:
                if other.up and other.agent:
                    machine.heard = other.says(self.now - self.chance.uniform(0, 0.3))
                self._agent(machine, other)
            if machine.runs and not machine.member and other.member:
                machine.member, machine.seqno = True, other.seqno  # it joins

    def _agent(self, machine: Machine, other: Machine) -> None:
        if machine.phase is None and machine.mark:
            self._start(machine)
        if machine.phase in {Phase.STOPS, Phase.BEGINS}:
            if self.now >= machine.works_until:
                self._done(machine, other)
            return
        vote = Vote(held=machine.phase is Phase.HELD, heard=self.now)
        preferred = machine is self.one
        chosen = decide(
            machine.says(self.now), machine.heard, vote, self.now, tried_at=machine.tried_at, preferred=preferred,
        )
        if chosen is Act.HOLD:
            machine.phase, machine.since, machine.mark, machine.tried_at = Phase.STOPS, self.now, True, self.now
            machine.runs, machine.works_until = False, self.now + self.chance.uniform(1, 8)
        elif chosen is Act.BEGIN:
            machine.phase, machine.works_until = Phase.BEGINS, self.now + self.chance.uniform(0, 4)
            assert not other.runs or not other.up, "a cluster is begun while the other database runs"
            assert machine.seqno == self.newest, "a copy that went further is passed over"
        elif chosen is Act.LET_GO:
            self._start(machine)

    def _done(self, machine: Machine, other: Machine) -> None:
        if machine.phase is Phase.STOPS:
            machine.phase, machine.since = Phase.HELD, self.now
            return
        assert not other.member, "two clusters"
        self.began += 1
        machine.phase, machine.mark, machine.runs, machine.member = None, False, True, True
        machine.seqno += 1
        self.newest = machine.seqno

    def _start(self, machine: Machine) -> None:
        machine.phase, machine.mark, machine.runs, machine.bad_since = None, False, True, self.now

    def boot(self, machine: Machine) -> None:
        machine.up = machine.agent = machine.runs = True
        machine.member, machine.phase, machine.mark, machine.heard = False, None, False, None
        machine.tried_at, machine.bad_since = NEVER, self.now

    def stop(self, machine: Machine) -> None:
        machine.up = machine.runs = machine.member = False
        machine.phase = None

    def restart_agent(self, machine: Machine) -> None:
        """Its memory is lost, its mark stays; what it had begun ends with it."""
        machine.phase, machine.heard, machine.tried_at = None, None, NEVER
        machine.bad_since = self.now


@pytest.mark.parametrize("seed", range(300))
def test_no_schedule_makes_two_clusters_or_passes_the_newest_over(seed: int):
    world = World(seed)
    for machine in (world.one, world.two):
        world.boot(machine)
    for _ in range(400):
        world.step()
        if world.began or world.chance.random() >= 0.02:
            continue
        machine = world.chance.choice((world.one, world.two))
        if not machine.up:
            world.boot(machine)
        elif world.chance.random() < 0.5:
            world.restart_agent(machine)
        else:
            world.stop(machine)
    for machine in (world.one, world.two):
        if not machine.up:
            world.boot(machine)
    for _ in range(8 * int(PATIENCE_SECONDS + AGAIN_SECONDS)):
        world.step()
    assert world.one.member
    assert world.two.member
    assert not world.one.mark
    assert not world.two.mark
