"""Probes run side by side; none waits for another."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable

import pytest

from relevo.agent import runner
from relevo.agent.activity import Activity
from relevo.agent.patience import LEAST_SECONDS
from relevo.agent.probe import MajorityLost, NoAnswer, NoRoom, Probe, ProbeFailed, StandsStill
from relevo.agent.runner import Runner
from relevo.agent.standing import Standing
from tests.unit.agent.waiting import until


def play(probes: list[Probe], condition) -> Runner:
    """Run probes until a condition of the runner is true."""

    async def main() -> Runner:
        watch = Runner(probes, lambda _: None)
        running = asyncio.create_task(watch.run())
        try:
            await until(lambda: condition(watch))
        finally:
            running.cancel()
        return watch

    return asyncio.run(main())


def refuse(_: object) -> str:
    raise ConnectionRefusedError(111, "Connection refused")


def fail(_: object) -> str:
    raise ProbeFailed("expected 220, got 421")


def lose(_: object) -> str:
    raise MajorityLost("non-Primary")


def stand_still(_: object) -> str:
    raise StandsStill("none of its processes ran")


def say_nothing_for_a_while(_: object) -> str:
    threading.Event().wait(0.1)
    raise NoAnswer("no answer in time")


def break_(_: object) -> str:
    return {}["a defect"]


def test_what_a_probe_says_becomes_its_standing():
    probes = [
        Probe("good", "a", lambda _: "fine", every=0.01), Probe("refused", "a", refuse, every=0.01),
        Probe("failed", "a", fail, every=0.01), Probe("lost", "a", lose, every=0.01),
        Probe("broken", "a", break_, every=0.01), Probe("still", "a", stand_still, every=0.01),
    ]
    standings = play(probes, lambda r: all(standing.good is not None for standing in r.standings.values())).standings
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

    def enough(watch: Runner) -> bool:
        seen.append(watch.standings["smtp/runs"].last_success)
        return watch.standings["disk/hangs"].good is False and len(set(seen)) > 20

    played = play(probes, enough)
    release.set()
    assert played.standings["disk/hangs"].complaint == "no answer in time"


@pytest.mark.parametrize(("works", "pressure", "busy"), [(True, 0.9, True), (False, 0.9, False), (True, 0.1, False)])
def test_a_silent_service_is_busy_when_it_works_and_much_waits(
    monkeypatch: pytest.MonkeyPatch, works: bool, pressure: float, busy: bool
):
    clock = itertools.count()
    monkeypatch.setattr(runner, "activity", lambda _unit: Activity(next(clock) if works else 1.0, (0, 0, 0)))
    monkeypatch.setattr(runner, "ProcessorPressure", lambda: lambda: pressure)
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.01)
    silent = Probe("x", "a", say_nothing_for_a_while, unit="a.service", every=0.01)
    played = play([silent], lambda r: r.standings["a/x"].last)
    assert played.standings["a/x"].last.busy is busy


class Service:
    """One that answers, until it hangs; let go at the end, since its probe's thread can't be ended."""

    def __init__(self, says: str = "fine") -> None:
        self.hangs, self.goes_on, self.says = threading.Event(), threading.Event(), says

    def __call__(self, _: object) -> str:
        if self.hangs.is_set():
            self.goes_on.wait()
        return self.says


def hang(
    monkeypatch: pytest.MonkeyPatch, account: Callable[[], Activity | None], *, below: bool = False,
    for_a_while: bool = False, below_says: str = "fine",
) -> Standing:
    """Let Postfix hang, also the database `below` it; return how its probe stands after three times the usual wait.

    `for_a_while`: the database goes on when Postfix's probe waits for it, as a storage that found its quorum.
    """
    monkeypatch.setattr(runner, "activity", lambda _unit: account())
    monkeypatch.setattr(runner, "ProcessorPressure", lambda: lambda: 1.0)  # without a closer look it waits for 5 times
    for name in ("LOOK_SECONDS", "STILL_SECONDS", "FIRM_SECONDS"):
        monkeypatch.setattr(runner, name, 0.05)
    monkeypatch.setattr(runner, "LATE_SECONDS", 0.5)  # the machine of the tests may be busy
    smtp, database = Service(), Service(below_says)
    if for_a_while:
        monkeypatch.setattr(runner, "FIRM_SECONDS", 5.0)
    probes = [
        Probe("smtp", "postfix", smtp, unit="postfix.service", every=0.01, timeout=30, stands_on=("mariadb",)),
        Probe("database", "mariadb", database, every=0.01, timeout=30),
    ]

    async def main() -> Standing:
        watch = Runner(probes, lambda _: None)
        running = asyncio.create_task(watch.run())
        await until(lambda: all(standing.good for standing in watch.standings.values()))
        smtp.hangs.set()
        if below:
            database.hangs.set()
        if for_a_while:
            await until(lambda: watch.standings["mariadb/database"].good is False)
            database.hangs.clear()
            database.goes_on.set()
        end = time.monotonic() + 3 * LEAST_SECONDS
        await until(lambda: watch.standings["postfix/smtp"].good is False or time.monotonic() > end)
        running.cancel()
        return watch.standings["postfix/smtp"]

    try:
        return asyncio.run(main())
    finally:
        smtp.goes_on.set()
        database.goes_on.set()


def test_what_stands_still_is_bad_at_once_however_busy_the_machine_is(monkeypatch: pytest.MonkeyPatch):
    standing = hang(monkeypatch, lambda: Activity(1.0, (7, 0, 0)))
    assert (standing.good, standing.last.still, standing.last.silent) == (False, True, True)
    assert standing.complaint == "no answer, and none of its processes stirs"


def test_what_works_or_waits_for_the_machine_does_not_stand_still(monkeypatch: pytest.MonkeyPatch):
    clock = itertools.count()
    assert hang(monkeypatch, lambda: Activity(next(clock), (7, 0, 0))).good, "it works"
    assert hang(monkeypatch, lambda: Activity(1.0, (next(clock), 0, 0))).good, "it waits for a processor"
    assert hang(monkeypatch, lambda: Activity(1.0, (7, 0, next(clock)))).good, "it waits for memory"
    assert hang(monkeypatch, lambda: None).good, "nobody tells"


def test_what_may_wait_for_a_service_below_it_is_not_to_blame(monkeypatch: pytest.MonkeyPatch):
    assert hang(monkeypatch, lambda: Activity(1.0, (7, 0, 0)), below=True).good


def test_nor_is_what_may_wait_for_room(monkeypatch: pytest.MonkeyPatch):
    assert hang(monkeypatch, lambda: Activity(1.0, (7, 0, 0)), below_says=NoRoom("full")).good
    assert not hang(monkeypatch, lambda: Activity(1.0, (7, 0, 0)), below_says="full").good, "else this shows nothing"


@pytest.mark.parametrize("service", ["amavis", "storage"])
def test_silence_without_room_is_that_of_a_busy_service_however_still_it_stands(
    monkeypatch: pytest.MonkeyPatch, service: str
):
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.01)
    room = iter((NoRoom("full"),))
    store = Probe("store", "storage", lambda _: next(room, "fine"), every=0.01)
    silent = Probe("x", service, stand_still, every=0.01, stands_on=("storage",))
    name = f"{service}/x"

    def seen(watch: Runner) -> bool:
        last = watch.standings[name].last
        return bool(last and watch.standings["storage/store"].last and last.busy)

    played = play([store, silent], seen)
    assert not played.standings[name].last.still


def test_nor_is_what_has_waited_for_one_that_has_just_gone_on(monkeypatch: pytest.MonkeyPatch):
    assert hang(monkeypatch, lambda: Activity(1.0, (7, 0, 0)), below=True, for_a_while=True).good


def test_what_stirs_while_we_look_below_it_is_not_to_blame(monkeypatch: pytest.MonkeyPatch):
    looks = itertools.count()  # the first two see it standing still
    assert hang(monkeypatch, lambda: Activity(float(next(looks) % 3 == 2), (7, 0, 0))).good


def test_the_word_of_a_unit_is_followed_at_once():
    asked = threading.Event()

    def note(_: object) -> str:
        asked.set()
        return "fine"

    async def main() -> None:
        watch = Runner([Probe("smtp", "postfix", note, unit="postfix.service", every=3600)], lambda _: None)
        running = asyncio.create_task(watch.run())
        await until(lambda: watch.standings["postfix/smtp"].good)
        asked.clear()
        watch.ask_now("other.service")
        watch.ask_now("postfix.service")
        await until(asked.is_set)
        running.cancel()

    asyncio.run(main())
