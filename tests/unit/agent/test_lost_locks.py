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
    OTHERS_TURN_SECONDS,
    SETTLED_SECONDS,
    LostLocks,
    end_connections,
    stuck,
)
from relevo.agent.probe import COPIES_REACHED, COPY_STUCK
from relevo.agent.settings import Settings
from relevo.agent.standing import Outcome, Standing

NOW = 1000.0


def heard(now: float = NOW, *, mail02: float = 0.0) -> dict[str, Heard]:
    """Return who was heard at `now`; mail02 so many seconds earlier."""
    at = {"mail02": now - mail02, "storage01": now}
    return {name: Heard({"node": name, "probes": []}, then, then) for name, then in at.items()}


def standings(lacked: Mapping[str, float], *, reached: float = 3.0, at: float = NOW) -> dict[str, Standing]:
    return {
        COPIES: Standing(good=False, last=Outcome(at, ok=False, text="", figures={COPY_STUCK: lacked})),
        MOUNT: Standing(good=True, last=Outcome(at, ok=True, text="", figures={COPIES_REACHED: {"": reached}})),
    }


@pytest.mark.parametrize(
    ("known", "others", "told"),
    [
        (standings({"storage01": 2.0}), heard(), ("storage01", 2)),
        (standings({"mail01": 2.0}), heard(), ("mail01", 2)),
        (standings({"storage01": 2.0, "mail02": 3.0}), heard(), ("mail02", 3)),
        (standings({}), heard(), ("", 0)),
        (standings({"": 4.0}), heard(), ("", 0)),  # nobody knows whose copy lacks it
        (standings({"elsewhere": 4.0}), heard(), ("", 0)),
        (standings({"storage01": 2.0}, reached=2.0), heard(), ("", 0)),  # the mount can't bring it there
        (standings({"storage01": 2.0}), heard(mail02=30.0), ("", 0)),
        (standings({"storage01": 2.0}, at=NOW - 60), heard(), ("", 0)),
        ({COPIES: standings({"storage01": 2.0})[COPIES]}, heard(), ("", 0)),  # no mail is there
        ({}, heard(), ("", 0)),
    ],
)
def test_a_copy_is_stuck_while_everybody_is_there(
    known: dict[str, Standing], others: dict[str, Heard], told: tuple[str, int],
):
    assert stuck("mail01", known, others, NOW) == told


class Agent:
    """An agent's loop, a turn of half a second each, with what it has ended and noted."""

    def __init__(self, settings: Settings) -> None:
        self.error = ""
        self.lacked = {"storage01": 2.0}
        self.ended: list[tuple[str, range]] = []
        self.noted: list[str] = []
        self.now = NOW
        self.lost_locks = LostLocks(settings, lambda *words: self.noted.append(": ".join(words)), self._run, self._end)

    def _end(self, address: str, ports: range) -> int:
        if self.error:
            raise BarrierError(self.error)
        self.ended.append((address, ports))
        return 1

    @staticmethod
    def _run(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run(work)

    def turns(
        self, seconds: float, *, cut: frozenset[str] = frozenset(), mail02: float = 0.0, holder: bool = True,
    ) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 0.5
            known = standings(self.lacked, at=self.now)
            self.lost_locks.look(self.now, known, heard(self.now, mail02=mail02), cut, holder=holder)


@pytest.fixture
def agent(settings: Callable[[str], Settings]) -> Agent:
    return Agent(settings("mail01"))


def test_the_mounts_connection_is_ended_now_and_then(agent: Agent):
    agent.turns(SETTLED_SECONDS - 1)
    assert not agent.ended
    agent.turns(2)
    assert agent.ended == [("127.0.9.10", range(49152, 49252))]
    assert agent.noted == ["reconnects: storage01: nothing of 2 files that its copy lacks was copied any more"]
    agent.turns(AGAIN_SECONDS - 10)
    assert len(agent.ended) == 1
    agent.turns(10)
    assert len(agent.ended) == 2


def test_who_does_not_have_the_virtual_ip_waits_until_the_other_has_tried(agent: Agent):
    agent.lacked = {}
    agent.turns(2 * SETTLED_SECONDS, holder=False)
    agent.lacked = {"storage01": 2.0}
    agent.turns(OTHERS_TURN_SECONDS - 1, holder=False)
    assert not agent.ended
    agent.turns(2, holder=False)
    assert len(agent.ended) == 1


@pytest.mark.parametrize("trouble", [{"cut": frozenset({"mail02"})}, {"mail02": 30.0}])
def test_who_is_away_or_cut_off_is_reason_enough_and_for_a_while_after(agent: Agent, trouble: dict[str, Any]):
    agent.turns(3 * SETTLED_SECONDS, **trouble)
    agent.turns(SETTLED_SECONDS - 1)
    assert not agent.ended
    agent.turns(2)
    assert len(agent.ended) == 1


def test_what_can_not_be_ended_is_said(agent: Agent, caplog: pytest.LogCaptureFixture):
    agent.error = "`ss` failed: no such thing"
    agent.turns(SETTLED_SECONDS + 1)
    assert not agent.noted
    assert "the mount's connection to the copy of storage01 can't be ended: `ss` failed" in caplog.text


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
    assert end_connections("192.168.100.10", range(49152, 49252), run, pid_file) == 1
    there = ["dst", "192.168.100.10", "( dport >= :49152 and dport <= :49251 )"]
    assert [list(command)[-3:] for command in commands] == [there, there]
    assert list(commands[1])[:-3] == [*lost_locks.END, "sport", "=", ":49121"]


def test_without_a_mount_nothing_is_ended(tmp_path: Path):
    def run(_command: Sequence[str]) -> str:
        raise AssertionError("nothing is to be asked")

    assert end_connections("192.168.100.10", range(49152, 49252), run, tmp_path / "none") == 0
