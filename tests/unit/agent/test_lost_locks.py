"""A lock that the mount has lost on a copy is given back by the end of its connection; nothing else is disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from relevo.agent import lost_locks
from relevo.agent.barriers import BarrierError
from relevo.agent.healing import COPIES, MOUNT
from relevo.agent.links import Heard
from relevo.agent.lost_locks import (
    AGAIN_SECONDS,
    RARELY_SECONDS,
    WAITS,
    LostLocks,
    Means,
    end_connections,
)
from relevo.agent.probe import COPIES_REACHED, COPY_BEHIND, COPY_STUCK, LONG_WAIT_SECONDS, STORE_WAIT, Figures
from relevo.agent.settings import Settings
from relevo.agent.standing import Outcome, Standing
from relevo.services.glusterfs.health import probes

NOW = 1000.0
WAITING: Figures = {STORE_WAIT: {"": LONG_WAIT_SECONDS}}
STUCK: Figures = {COPY_BEHIND: {"storage01": 2.0}, COPY_STUCK: {"storage01": 2.0}}
BEHIND: Figures = {COPY_BEHIND: {"storage01": 2.0}, COPY_STUCK: {}}
WHOLE: Figures = {COPY_BEHIND: {}, COPY_STUCK: {}}


def standing(at: float, text: str, figures: Figures) -> Standing:
    return Standing(good=True, last=Outcome(at, ok=True, text=text, figures=figures))


class Agent:
    """An agent's loop, a turn of half a second each, with what it has ended and noted."""

    def __init__(self, settings: Settings) -> None:
        self.now = NOW
        self.reached, self.age, self.silent_for, self.cut = 3.0, 0.0, 0.0, frozenset[str]()
        self.unopened: Mapping[int, int] = {2: 5}
        self.error: Exception | None = None
        self.ended: list[str] = []
        self.asked = 0
        self.noted: list[str] = []
        means = Means(self._unopened, self._end)
        self.lost_locks = LostLocks(settings, lambda *words: self.noted.append(": ".join(words)), self._run, means)

    def _unopened(self) -> Mapping[int, int]:
        self.asked += 1
        if self.error:
            raise self.error
        return self.unopened

    def _end(self, address: str, ports: str) -> int:
        assert ports == "49152:49251"
        self.ended.append(address)
        return 1

    @staticmethod
    def _run(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run(work)

    def turns(self, seconds: float, *, waits: Figures | None = None, copies: Figures = WHOLE) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 0.5
            at = self.now - self.age
            standings = {
                COPIES: standing(at, "", copies), MOUNT: standing(at, "", {COPIES_REACHED: {"": self.reached}}),
                WAITS: standing(at, "imap has waited", waits or {STORE_WAIT: {"": 3.0}}),
            }
            spoke = {"mail02": self.now - self.silent_for, "storage01": self.now}
            heard = {name: Heard({"node": name, "probes": []}, then, then) for name, then in spoke.items()}
            self.lost_locks.look(self.now, standings, heard, self.cut)


@pytest.fixture
def agent(settings: Callable[[str], Settings]) -> Agent:
    return Agent(settings("mail01"))


def test_the_connection_is_ended_when_a_program_waits_for_long(agent: Agent):
    agent.turns(1, waits=WAITING)
    assert agent.ended == ["127.0.9.10"]
    assert agent.noted == ["reconnects: storage01: 5 open files were not open there; imap has waited"]
    agent.turns(AGAIN_SECONDS - 2, waits=WAITING)
    assert len(agent.ended) == 1
    agent.turns(2, waits=WAITING)
    assert len(agent.ended) == 2


def test_where_it_does_not_help_it_is_done_ever_more_seldom(agent: Agent):
    agent.turns(6 * RARELY_SECONDS, copies=STUCK)
    assert 8 <= len(agent.ended) <= 12  # after 20 s, 40, 80 ... and then every ten minutes
    agent.turns(RARELY_SECONDS)
    done = len(agent.ended)
    agent.turns(2 * AGAIN_SECONDS, waits=WAITING)  # another time
    assert len(agent.ended) == done + 2


def test_the_connection_is_ended_when_nothing_is_copied_any_more(agent: Agent):
    agent.turns(1, copies=STUCK)
    assert agent.ended == ["127.0.9.10"]
    assert agent.noted[0].endswith("; nothing of 2 files is copied any more")


def test_the_connection_is_ended_once_when_a_copy_has_become_whole(agent: Agent):
    agent.turns(60, copies=BEHIND)
    assert not agent.asked
    agent.turns(60)
    assert agent.ended == ["127.0.9.10"]
    assert agent.noted[0].endswith("; a copy that lacked files has them")
    assert agent.asked == 1


def test_while_all_is_well_the_mount_is_not_even_asked(agent: Agent):
    agent.turns(300)
    assert not agent.asked


@pytest.mark.parametrize("unopened", [{}, {7: 2}])
def test_a_mount_whose_files_are_open_everywhere_is_left_alone(agent: Agent, unopened: Mapping[int, int]):
    agent.unopened = unopened
    agent.turns(60, waits=WAITING, copies=STUCK)
    assert agent.asked
    assert not agent.ended


def test_of_two_copies_only_one_is_left_at_a_time(agent: Agent):
    agent.unopened = {1: 3, 2: 5}
    agent.turns(1, waits=WAITING)
    assert agent.ended == ["127.0.9.10"]


@pytest.mark.parametrize(
    "trouble", [{"cut": frozenset({"mail02"})}, {"silent_for": 30.0}, {"reached": 2.0}, {"age": 60.0}], ids=str,
)
def test_while_something_else_may_be_the_reason_nothing_is_done(agent: Agent, trouble: dict[str, Any]):
    vars(agent).update(trouble)
    agent.turns(120, waits=WAITING, copies=STUCK)
    assert not agent.asked


@pytest.mark.parametrize("error", [TimeoutError("the mount does not tell its state"), BarrierError("`ss` failed")])
def test_what_can_not_be_done_is_said(agent: Agent, error: Exception, caplog: pytest.LogCaptureFixture):
    agent.error = error
    agent.turns(1, waits=WAITING)
    assert not agent.noted
    assert f"the mount can't be connected to a copy anew: {error}" in caplog.text


def test_its_probe_has_the_name_that_is_looked_for(settings: Callable[[str], Settings]):
    names = {f"{probe.service}/{probe.name}" for probe in probes(settings("mail01").config)}
    assert {WAITS, COPIES, MOUNT} <= names
    assert WAITS not in {f"{probe.service}/{probe.name}" for probe in probes(settings("storage01").config)}


LISTED = """\
0      0      192.168.100.11:49121 192.168.100.10:49201 users:(("glusterfs",pid=2614,fd=7))
0      0      192.168.100.11:49142 192.168.100.10:49201 users:(("glusterfs",pid=7639,fd=10))
0      0      192.168.100.11:49143 192.168.100.10:49201
"""


def test_only_the_mounts_own_connections_are_ended(tmp_path: Path):
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> str:
        commands.append(command)
        return LISTED if "--processes" in command else "0 0 192.168.100.11:49121 192.168.100.10:49201\n"

    pid_file = tmp_path / "pid"
    pid_file.write_text("2614\n", encoding="ascii")
    assert end_connections("192.168.100.10", "49152:49251", run, pid_file) == 1
    there = ["dst", "192.168.100.10", "( dport >= :49152 and dport <= :49251 )"]
    assert [list(command)[-3:] for command in commands] == [there, there]
    assert list(commands[1])[:-3] == [*lost_locks.END, "sport", "=", ":49121"]


def test_without_a_mount_nothing_is_ended(tmp_path: Path):
    def run(_command: Sequence[str]) -> str:
        raise AssertionError("nothing is to be asked")

    assert end_connections("192.168.100.10", "49152:49251", run, tmp_path / "none") == 0
