"""Probes run side by side; none waits for another."""

from __future__ import annotations

import asyncio
import itertools
import threading

import pytest

from relevo.agent.probe import MajorityLost, NoAnswer, Probe, ProbeFailed, StandsStill
from relevo.agent.runner import Runner
from tests.unit.agent.waiting import until


def play(probes: list[Probe], condition) -> Runner:
    """Run probes until a condition of the runner is true."""

    async def main() -> Runner:
        runner = Runner(probes, lambda _: None)
        running = asyncio.create_task(runner.run())
        try:
            await until(lambda: condition(runner))
        finally:
            running.cancel()
        return runner

    return asyncio.run(main())


def refuse(_: object) -> str:
    raise ConnectionRefusedError(111, "Connection refused")


def fail(_: object) -> str:
    raise ProbeFailed("expected 220, got 421")


def lose(_: object) -> str:
    raise MajorityLost("non-Primary")


def stand_still(_: object) -> str:
    raise StandsStill("none of its processes ran")


def say_nothing(_: object) -> str:
    raise NoAnswer("no answer in time")


def break_(_: object) -> str:
    return {}["a defect"]


def test_what_a_probe_says_becomes_its_standing():
    probes = [
        Probe("good", "a", lambda _: "fine", every=0.01), Probe("refused", "a", refuse, every=0.01),
        Probe("failed", "a", fail, every=0.01), Probe("lost", "a", lose, every=0.01),
        Probe("broken", "a", break_, every=0.01), Probe("still", "a", stand_still, every=0.01),
    ]
    runner = play(probes, lambda r: all(standing.good is not None for standing in r.standings.values()))
    standings = runner.standings
    assert [name for name, standing in standings.items() if standing.good] == ["a/good"]
    assert standings["a/good"].last.text == "fine"
    assert standings["a/refused"].last.refused
    assert (standings["a/still"].last.still, standings["a/still"].last.silent) == (True, True)
    assert standings["a/failed"].complaint == "expected 220, got 421"
    assert standings["a/lost"].last.majority_lost
    assert "KeyError" in standings["a/broken"].complaint


def test_a_probe_that_hangs_is_bad_and_holds_up_nobody():
    release = threading.Event()
    probes = [
        Probe("hangs", "disk", lambda _: str(release.wait()), every=0.01, timeout=0.05),
        Probe("runs", "smtp", lambda _: "fine", every=0.01),
    ]
    seen: list[float] = []

    def enough(runner: Runner) -> bool:
        seen.append(runner.standings["smtp/runs"].last_success)
        return runner.standings["disk/hangs"].good is False and len(set(seen)) > 20

    runner = play(probes, enough)
    release.set()
    assert runner.standings["disk/hangs"].complaint == "no answer in time"


@pytest.mark.parametrize(("works", "pressure", "busy"), [(True, 0.9, True), (False, 0.9, False), (True, 0.1, False)])
def test_a_silent_service_is_busy_when_it_works_and_much_waits(
    monkeypatch: pytest.MonkeyPatch, works: bool, pressure: float, busy: bool
):
    clock = itertools.count()
    monkeypatch.setattr("relevo.agent.runner.used", lambda _unit: float(next(clock)) if works else 1.0)
    monkeypatch.setattr("relevo.agent.runner.ProcessorPressure", lambda: lambda: pressure)
    runner = play([Probe("x", "a", say_nothing, unit="a.service", every=0.01)], lambda r: r.standings["a/x"].last)
    assert runner.standings["a/x"].last.busy is busy


def test_the_word_of_a_unit_is_followed_at_once():
    asked = threading.Event()

    def note(_: object) -> str:
        asked.set()
        return "fine"

    async def main() -> None:
        runner = Runner([Probe("smtp", "postfix", note, unit="postfix.service", every=3600)], lambda _: None)
        running = asyncio.create_task(runner.run())
        await until(lambda: runner.standings["postfix/smtp"].good)
        asked.clear()
        runner.ask_now("other.service")
        runner.ask_now("postfix.service")
        await until(asked.is_set)
        running.cancel()

    asyncio.run(main())
