"""What the table of the drills `lossless` and `idle` says of an account that is at hand."""

from __future__ import annotations

import pytest

from relevo.drills import stranded as queue
from relevo.drills import verdicts
from relevo.drills.events import Event, Story
from relevo.drills.ledger import Attempt, Ledger, Message, State, Way
from relevo.drills.limits import Limit
from relevo.drills.promises import idle, lossless
from relevo.drills.promises.idle import Fortune
from relevo.drills.recorder import Observation
from relevo.drills.result import Check, Verdict
from relevo.drills.runner import run_one
from relevo.drills.vocabulary import World
from tests.unit.drills.conftest import MemoryPlatform

CUT = 100.0


def ledger_of(*accepted_after: float) -> Ledger:
    """Messages that were sent at once, each answered so many seconds after the cut; a negative time is before it."""
    ledger = Ledger()
    for after in accepted_after:
        number = ledger.number()
        ledger.add(Message(number, f"t{number}", "a@example.org", Way.SMTP, CUT + after - 0.5))
        ledger.note(number, Attempt(CUT + after - 0.25, CUT + after, State.ACCEPTED, "250 ok"))
    return ledger


def judged(
    world: World, ledger: Ledger, seen: dict[str, float], found: dict[str, int], event: Event = lossless.EVENTS[0]
) -> dict[str, Check]:
    story = Story(event, world.active, ledger, seen, CUT)
    world.recorder.checks.clear()
    verdicts.judge(world, story.scene, ledger.reconcile(found))
    return {check.name.rpartition(": ")[2]: check for check in world.recorder.checks}


def test_a_good_run_passes_with_its_figures(world: World) -> None:
    ledger = ledger_of(-3, 1.5, 4)
    checks = judged(world, ledger, {"t2": CUT + 2, "t3": CUT + 4.1}, dict.fromkeys(ledger.tokens(), 1))
    assert {check.verdict for check in checks.values()} == {Verdict.PASSED}
    figures = {name: check.figure.value for name, check in checks.items() if check.figure}
    assert (figures["accepted"], figures["lost"], figures["duplicated by us"]) == (3, 0, 0)
    assert (figures["first mail accepted"], figures["first mail delivered"]) == (1.5, 2)
    assert figures["longest sending"] == 0.25


def test_what_is_lost_or_twice_fails_and_is_named(world: World) -> None:
    ledger = ledger_of(-3, 1.5, 4)
    checks = judged(world, ledger, {}, {"t1": 2, "t2": 1})
    failed = {name for name, check in checks.items() if check.verdict is Verdict.FAILED}
    assert failed == {"lost", "duplicated by us", "first mail delivered"}
    assert "1 lost" in checks["lost"].obtained
    assert "(numbers 3)" in checks["lost"].obtained
    assert "(numbers 1)" in checks["duplicated by us"].obtained
    assert checks["first mail delivered"].obtained == "never"


def test_what_was_in_the_dead_machines_hands_may_come_twice_and_is_said(world: World) -> None:
    ledger = ledger_of(-3, -0.4, 4)
    checks = judged(world, ledger, {"t3": CUT + 4.1}, {"t1": 1, "t2": 2, "t3": 1})
    assert checks["duplicated by us"].verdict is Verdict.PASSED
    assert "1 delivered when a machine died" in checks["duplicates explained"].obtained


def test_a_run_in_which_nothing_was_accepted_proves_nothing(world: World) -> None:
    checks = judged(world, Ledger(), {}, {})
    assert all(checks[name].verdict is Verdict.FAILED for name in ("accepted", "lost", "duplicated by us"))


def test_times_without_a_limit_are_figures_only(world: World) -> None:
    event = Event("free", lambda world: world.active)
    checks = judged(world, ledger_of(-3, 15), {"t2": CUT + 40}, {"t1": 1, "t2": 1}, event)
    assert checks["first mail delivered"].verdict is Verdict.PASSED
    assert "longest time without a 250" not in checks
    checks = judged(world, ledger_of(-3), {}, {"t1": 1}, event)
    assert checks["first mail accepted"].verdict is Verdict.FAILED  # never


@pytest.mark.parametrize(("after", "good", "figure"), [
    ((-1, 0.5, 1.5, 3), False, 1.5), ((-1, 0.5, 1.2), True, 0.7), ((-1,), False, None),
])
def test_a_gap_counts_from_the_event_on(world: World, after: list[float], good: bool, figure: float | None) -> None:
    ledger = ledger_of(*after)
    for tenth in range(40):  # that many more are due all the time, and nobody takes them
        ledger.add(Message(number := ledger.number(), f"t{number}", "a@example.org", Way.SMTP, CUT + tenth / 10))
    event = Event("gap", lambda world: world.active, gap_within=Limit(1.0))
    check = judged(world, ledger, {}, {}, event)["longest time without a 250"]
    assert (check.verdict is Verdict.PASSED) is good
    assert (check.figure and check.figure.value) == figure


def test_a_client_that_waits_alone_is_no_gap() -> None:
    ledger = ledger_of(0.3, 0.5)
    ledger.add(Message(9, "t9", "a@example.org", Way.SMTP, CUT))
    ledger.note(9, Attempt(CUT + 0.1, CUT + 30.1, State.UNSURE, "no answer"))
    ledger.note(9, Attempt(CUT + 31.1, CUT + 31.4, State.ACCEPTED, "250 ok"))
    assert ledger.longest_gap(CUT) == pytest.approx(0.3)
    assert ledger.longest_wait(CUT) == pytest.approx(31.4)


@pytest.mark.parametrize(
    ("stranded", "seen", "passed"),
    [
        (["t1"], {"t1": CUT + 3, "t2": CUT + 4}, [True, True]),
        (["t1"], {"t1": CUT + 16, "t2": CUT + 4}, [False, True]),
        (["t1", "t2"], {"t1": CUT + 3}, [True, False]),
        (["t1"], {"t2": CUT + 3}, [False, False]),
        ([], {"t1": CUT + 3, "t2": CUT + 4}, [False, False]),  # nothing was in the queue
    ],
)
def test_the_adopted_queue(world: World, stranded: list[str], seen: dict[str, float], passed: list[bool]) -> None:
    story = Story(lossless.EVENTS[0], world.active, ledger_of(-1, 2), seen, CUT)
    queue.judge(world, "cut", story.rescue(stranded))
    assert [check.verdict is Verdict.PASSED for check in world.recorder.checks] == passed


@pytest.mark.parametrize(
    ("after", "good", "words"),
    [
        ([0.4, 0.5, 0.6], True, "3 of 3; median 0.50 s, last 0.60 s"),
        ([0.4, 2.5, 0.6], False, "last 2.50 s"),
        ([0.4, None, 0.6], False, "2 of 3; median 0.50 s, last 0.60 s (no answer in time)"),
        ([None, None, None], False, "0 of 3 (no answer in time)"),
    ],
)
def test_what_became_of_idle_clients(after: list[float | None], good: bool, words: str) -> None:
    check = Observation()
    fortunes = [Fortune(CUT, "closed" if seconds else "no answer in time") for seconds in after]
    idle._saw(check, after, Limit(2.0), fortunes)  # noqa: SLF001
    assert check.good is good
    assert words in check.obtained


@pytest.mark.parametrize("drill", [lossless.DRILL, idle.DRILL])
def test_nobody_cuts_the_power_of_real_machines(world: World, platform: MemoryPlatform, drill: object) -> None:
    platform.in_lab = False
    result = run_one(world, drill, lambda *_: None)  # type: ignore[arg-type]
    assert result.verdict is Verdict.NOT_RUN
    assert not any("CRASH" in line for line in platform.asked)
