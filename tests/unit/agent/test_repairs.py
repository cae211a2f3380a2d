"""What is done to the unit of a bad probe: asked to restart where it answers badly, ended first where it hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from relevo.agent import gluster
from relevo.agent.faults import Duty, Unit
from relevo.agent.probe import Probe
from relevo.agent.repairs import AFTER_SECONDS, REST_SECONDS, Repairs
from relevo.agent.standing import Outcome, Standing, advance
from relevo.agent.units import Units

NOW = 1000.0
SMTP = Probe("smtp", "postfix", lambda _: "", unit="postfix.service")
DATABASE = Probe("database", "mariadb", lambda _: "", unit="mariadb.service")
WELL = Standing(good=True, since=1)


class Systemd(Units):
    """Units that all have run for a while; keeps in memory what is asked of it."""

    def __init__(self) -> None:
        super().__init__((), lambda _name, _unit: None)
        self.asked: list[str] = []

    def get(self, name: str) -> Unit:
        del name
        return Unit("active", "running", since=NOW - 500)

    async def restart(self, name: str) -> None:
        self.asked.append(f"restart {name}")

    async def reload(self, name: str) -> None:
        self.asked.append(f"reload {name}")

    async def kill(self, name: str) -> None:
        self.asked.append(f"kill {name}")


def bad(*, silent: bool) -> Standing:
    return Standing(good=False, since=NOW - 2, last=Outcome(NOW - 1, ok=False, text="", silent=silent))


def repair(
    smtp: Standing, *, database: Standing = WELL, elsewhere: frozenset[str] = frozenset(),
    in_hands: frozenset[str] = frozenset(),
) -> list[str]:
    """Return what is asked of systemd on the standby."""
    systemd = Systemd()

    async def main() -> None:
        def start(work: Coroutine[Any, Any, None]) -> None:
            tasks.append(asyncio.get_running_loop().create_task(work))

        tasks: list[asyncio.Task[None]] = []
        runner: Any = SimpleNamespace(
            probes={"postfix/smtp": SMTP, "mariadb/database": DATABASE},
            standings={"postfix/smtp": smtp, "mariadb/database": database},
        )
        repairs = Repairs(runner, systemd, "mail", start)
        for _ in range(2):  # what is being repaired is not repaired again
            repairs.begin(NOW, Duty(holder=False), elsewhere, in_hands)
            await asyncio.gather(*tasks)
        assert (repairs.last(SMTP) == NOW) is bool(tasks)

    asyncio.run(main())
    return systemd.asked


@pytest.mark.parametrize(
    ("silent", "asked"),
    [(True, ["kill postfix.service", "restart postfix.service"]), (False, ["restart postfix.service"])],
)
def test_what_hangs_is_ended_what_answers_badly_is_asked(silent: bool, asked: list[str]):
    assert repair(bad(silent=silent)) == asked


def test_what_can_only_be_mended_at_rest_waits_for_it_for_a_while():
    mount = Probe("mount", "glusterfs", lambda _: "", unit="relevo-storage.service", at_rest=True)

    def waiting(standing: Standing) -> str:
        runner: Any = SimpleNamespace(probes={"glusterfs/mount": mount}, standings={"glusterfs/mount": standing})
        return Repairs(runner, Systemd(), "mail", lambda work: work.close()).waiting_for_rest(NOW)

    lacks = Standing(good=False, since=NOW - REST_SECONDS - 1)
    assert waiting(lacks) == "glusterfs/mount"
    assert waiting(replace(lacks, since=NOW - REST_SECONDS + 1)) == ""
    assert waiting(WELL) == ""


@pytest.mark.parametrize(
    ("name", "spared", "asked", "renewed"),
    [
        ("brick", True, ["restart glusterd.service"], []), ("brick", False, [], []),
        ("healer", True, [], ["mail"]), ("healer", False, [], ["mail"]),
    ],
)
def test_glusterd_itself_is_only_restarted_for_a_copy_that_nobody_finds_and_can_be_spared(
    monkeypatch: pytest.MonkeyPatch, name: str, spared: bool, asked: list[str], renewed: list[str],
):
    made, systemd = list[str](), Systemd()

    async def renew(volume: str) -> None:
        made.append(volume)

    async def main() -> None:
        tasks: list[asyncio.Task[None]] = []
        probe = Probe(name, "glusterfs", lambda _: "", unit=gluster.UNIT, vital=False)
        runner: Any = SimpleNamespace(
            probes={f"glusterfs/{name}": probe}, standings={f"glusterfs/{name}": bad(silent=False)},
        )

        def start(work: Coroutine[Any, Any, None]) -> None:
            tasks.append(asyncio.get_running_loop().create_task(work))

        Repairs(runner, systemd, "mail", start, lambda: spared).begin(NOW, Duty(holder=False), frozenset())
        await asyncio.gather(*tasks)

    monkeypatch.setattr(gluster, "renew_healer", renew)
    asyncio.run(main())
    assert (systemd.asked, made) == (asked, renewed)


def test_nothing_is_done_where_the_cause_is_below_or_on_both_nodes():
    assert repair(bad(silent=True), database=bad(silent=False)) == []
    assert repair(bad(silent=True), elsewhere=frozenset({"postfix/smtp"})) == []
    assert repair(bad(silent=True), in_hands=frozenset({"postfix.service"})) == []
    assert repair(WELL) == []


def test_what_remembers_failures_of_another_is_reloaded_once_when_that_is_well_again():
    smtp = replace(SMTP, reload_after=("mariadb",))
    systemd, started = Systemd(), []
    standings = {"postfix/smtp": WELL, "mariadb/database": WELL}
    runner: Any = SimpleNamespace(probes={"postfix/smtp": smtp, "mariadb/database": DATABASE}, standings=standings)
    repairs = Repairs(runner, systemd, "mail", started.append)

    def begin(now: float, database: Standing) -> list[str]:
        systemd.asked.clear()
        standings["mariadb/database"] = database
        repairs.begin(now, Duty(holder=True), frozenset())
        while started:
            asyncio.run(started.pop())
        return systemd.asked

    answers = advance(WELL, Outcome(NOW, ok=True, text=""))
    assert begin(NOW, answers) == []
    late = advance(answers, Outcome(NOW + 1, ok=False, text="", silent=True))
    assert begin(NOW + 1, advance(late, Outcome(NOW + 2, ok=True, text=""))) == [], "one late answer denied nobody"
    denied = advance(answers, Outcome(NOW + 3, ok=False, text="the cluster is non-Primary"))
    assert begin(NOW + 3, denied) == []
    again = advance(denied, Outcome(NOW + 4, ok=True, text=""))
    assert begin(NOW + 4, again) == ["reload postfix.service"]
    assert begin(NOW + 5, again) == []
    assert begin(NOW + 6, bad(silent=True)) == []
    assert begin(NOW + 7, answers) == ["reload postfix.service"], "it hung, and whoever asked gave up"


def test_what_stands_on_another_is_left_alone_for_a_while_after_that_is_well():
    clamav = Probe("clamav", "clamav", lambda _: "", unit="clamav-daemon.service", stands_on=())
    amavis = Probe("amavis", "amavis", lambda _: "", unit="amavis.service", stands_on=("clamav",))
    systemd, started = Systemd(), []
    standings = {"clamav/clamav": bad(silent=True), "amavis/amavis": bad(silent=True)}
    runner: Any = SimpleNamespace(probes={"clamav/clamav": clamav, "amavis/amavis": amavis}, standings=standings)

    def begin(now: float) -> list[str]:
        systemd.asked.clear()
        repairs.begin(now, Duty(holder=False), frozenset())
        while started:
            asyncio.run(started.pop())
        return [asked for asked in systemd.asked if asked.startswith("restart")]

    repairs = Repairs(runner, systemd, "mail", started.append)
    assert begin(NOW) == ["restart clamav-daemon.service"]
    standings["clamav/clamav"] = WELL
    assert begin(NOW + AFTER_SECONDS - 1) == []
    assert begin(NOW + AFTER_SECONDS) == ["restart amavis.service"]
