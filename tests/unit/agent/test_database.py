"""What an agent does with a database that finds no cluster: its own steps, each interrupted."""

from __future__ import annotations

import asyncio
import fcntl
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from relevo.agent import database, held
from relevo.agent.database import Database, Means, ThirdVote, found, position
from relevo.agent.faults import Unit
from relevo.agent.held import Held
from relevo.agent.links import Heard
from relevo.agent.revival import Phase
from relevo.agent.settings import Settings
from relevo.agent.standing import Outcome, Standing

NOW = time.monotonic()
UUID = "87303adb-e828-11f1-8901-faee98757618"


def bad(**how: bool) -> Standing:
    return Standing(good=False, since=NOW - 60, last=Outcome(NOW, ok=False, text="no", **how))


BAD = bad(refused=True)


class Machine:
    """One whose commands only leave a trace; a word of `broken` fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.asked: list[str] = []
        self.broken = "nothing"
        self.noted: list[str] = []
        self.pushed = 0
        self.work: list[Coroutine[Any, Any, None]] = []
        self.mark, self.lock, self.data = folder / "held", folder / "lock", folder / "mysql"
        self.data.mkdir()
        (self.data / "gvwstate.dat").touch()
        self.held = Held(self.lock, self.mark)
        self.standing, self.unit = BAD, Unit("activating", "start")
        monkeypatch.setattr(database, "DATA", self.data)
        monkeypatch.setattr(database, "VOTE_VIEW", self.data / "gvwstate.dat")
        monkeypatch.setattr(database, "Held", lambda: Held(self.lock, self.mark))
        monkeypatch.setattr(database, "run", self._run)
        monkeypatch.setattr(held, "run", self._run)

    def _run(self, argv: Sequence[str], within: float) -> str:
        del within
        self.asked.append(" ".join(argv))
        if self.broken in self.asked[-1]:
            raise OSError(f"{argv[0]} is broken")
        return f"--wsrep_start_position={UUID}:7\n" if argv[0] == "galera_recovery" else ""

    def means(self) -> Means:
        return Means(self.work.append, lambda _event, why: self.noted.append(why), self._push)

    def _push(self) -> None:
        self.pushed += 1

    def do(self) -> None:
        """Do the work that was begun."""
        while self.work:
            asyncio.run(self.work.pop(0))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


@pytest.fixture
def own(machine: Machine, settings: Callable[[str], Settings]) -> Database:
    return Database(settings("mail01"), lambda: machine.standing, lambda: machine.unit, machine.means())


def heard(now: float, *, third_held: bool = True, **told: object) -> dict[str, Heard]:
    other = {"phase": "waits", "for": 60.0, "keeps_view": False, "uuid": "", "seqno": -1, **told}
    return {
        "mail02": Heard({"node": "mail02", "database": other}, now, now),
        "storage01": Heard({"node": "storage01", "database": {"held": third_held, "for": 1.0}}, now, now),
    }


def is_locked(machine: Machine) -> bool:
    with machine.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_it_stops_says_how_far_it_came_and_begins(machine: Machine, own: Database):
    own.follow(NOW, heard(NOW))
    assert own.view(NOW)["phase"] == "stops"
    assert machine.mark.exists()
    assert is_locked(machine)
    machine.do()
    assert machine.asked[-1] == "galera_recovery"
    assert "systemctl stop mariadb.service" in machine.asked
    said = own.view(NOW)
    assert (said["phase"], said["uuid"], said["seqno"]) == ("held", UUID, 7)
    own.follow(NOW, heard(NOW, phase="held", uuid=UUID, seqno=7))
    assert own.view(NOW)["phase"] == "begins"
    machine.do()
    assert machine.asked[-1] == "galera_new_cluster"
    assert not (machine.data / "gvwstate.dat").exists()
    assert not machine.mark.exists()
    assert not is_locked(machine)
    assert machine.noted == [f"begins its cluster here: none ran, and no copy is ahead of {UUID}:7"]


def test_each_step_is_told_the_others_at_once(machine: Machine, own: Database):
    for step in ({}, {"phase": "held", "uuid": UUID, "seqno": 7}):
        before = machine.pushed
        own.follow(NOW, heard(NOW, **step))
        assert machine.pushed == before + 1
        machine.do()
        assert machine.pushed == before + 2


def test_the_one_behind_joins_when_the_other_serves(machine: Machine, own: Database):
    own.follow(NOW, heard(NOW))
    machine.do()
    own.follow(NOW, heard(NOW, phase="held", uuid=UUID, seqno=8))
    assert own.view(NOW)["phase"] == "held"
    own.follow(NOW, heard(NOW, phase="serves"))
    machine.do()
    assert machine.asked[-1] == "systemctl start --no-block mariadb.service"
    assert "galera_new_cluster" not in machine.asked
    assert (machine.data / "gvwstate.dat").exists()
    assert not machine.mark.exists()
    assert not is_locked(machine)


def test_a_position_that_cant_be_read_is_told_and_the_database_started_as_before(machine: Machine, own: Database):
    machine.broken = "galera_recovery"
    own.follow(NOW, heard(NOW))
    machine.do()
    own.follow(NOW, heard(NOW, phase="held", uuid=UUID, seqno=8))
    machine.do()
    assert "can't be read" in machine.noted[0]
    assert "relevo recover database" in machine.noted[0]
    assert machine.asked[-1] == "systemctl start --no-block mariadb.service"
    own.follow(NOW + 60, heard(NOW + 60))
    assert own.view(NOW)["phase"] == "waits"  # not again at once


def test_a_start_that_fails_leaves_nothing_held(machine: Machine, own: Database):
    machine.broken = "galera_new_cluster"
    own.follow(NOW, heard(NOW))
    machine.do()
    own.follow(NOW, heard(NOW, phase="held", uuid=UUID, seqno=7))
    machine.do()
    assert "could not be begun here" in machine.noted[-1]
    assert machine.asked[-1] == "systemctl start --no-block mariadb.service"
    assert not machine.mark.exists()


def test_what_an_agent_that_died_held_is_started_by_the_next(machine: Machine, own: Database):
    machine.mark.touch()
    own.follow(NOW, {})
    machine.do()
    assert machine.asked == ["systemctl start --no-block mariadb.service"]
    assert not machine.mark.exists()


def test_an_operators_command_comes_first(machine: Machine, own: Database):
    with machine.lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        own.follow(NOW, heard(NOW))
    assert own.view(NOW)["phase"] == "waits"
    assert not machine.work


@pytest.mark.parametrize("third", [None, {}, {"held": "yes"}, 7])
def test_a_third_vote_that_says_nothing_keeps_the_cluster_waiting(machine: Machine, own: Database, third: object):
    own.follow(NOW, heard(NOW))
    machine.do()
    words = heard(NOW, phase="held", uuid=UUID, seqno=7)
    words["storage01"] = Heard({"node": "storage01", "database": third}, NOW, NOW)
    own.follow(NOW, words)
    assert own.view(NOW)["phase"] == "held"


@pytest.mark.parametrize("told", [None, {}, {"phase": "new"}, {"phase": "waits"}, 7])
def test_an_agent_of_another_version_is_none(machine: Machine, own: Database, told: object):
    own.follow(NOW, {"mail02": Heard({"node": "mail02", "database": told}, NOW, NOW)})
    assert not machine.work


def test_the_third_vote_forgets_and_returns(machine: Machine, settings: Callable[[str], Settings]):
    vote = ThirdVote(settings("storage01"), machine.means())
    held_there = {"phase": "held", "for": 1.0, "keeps_view": False, "uuid": UUID, "seqno": 7}
    both = {name: Heard({"node": name, "database": held_there}, NOW, NOW) for name in ("mail01", "mail02")}
    vote.follow(NOW, both)
    assert vote.view(NOW)["held"] is False  # not before it has stopped
    machine.do()
    assert vote.view(NOW)["held"] is True
    assert not (machine.data / "gvwstate.dat").exists()
    serves = {**both, "mail01": Heard({"node": "mail01", "database": {**held_there, "phase": "serves"}}, NOW, NOW)}
    vote.follow(NOW, serves)
    assert vote.view(NOW)["held"] is False
    machine.do()
    assert machine.asked[-1] == "systemctl start --no-block garb.service"
    assert not machine.mark.exists()


def test_a_third_vote_that_would_not_stop_is_stopped_again(machine: Machine, settings: Callable[[str], Settings]):
    """Killed while it was about to end it was `failed`, and systemctl ended with 1: nobody began the cluster."""
    vote = ThirdVote(settings("storage01"), machine.means())
    held_there = {"phase": "held", "for": 1.0, "keeps_view": False, "uuid": UUID, "seqno": 7}
    both = {name: Heard({"node": name, "database": held_there}, NOW, NOW) for name in ("mail01", "mail02")}
    machine.broken = "systemctl stop garb"
    vote.follow(NOW, both)
    assert vote.in_hands == {"garb.service"}
    machine.do()
    assert vote.in_hands == frozenset()
    assert not is_locked(machine)
    machine.broken = "nothing"
    vote.follow(NOW, both)
    machine.do()
    assert vote.view(NOW)["held"] is True
    assert vote.in_hands == {"garb.service"}


def test_a_database_that_is_held_is_in_our_hands(machine: Machine, own: Database):
    assert own.in_hands == frozenset()
    own.follow(NOW, heard(NOW, phase="held"))
    assert own.in_hands == {"mariadb.service"}
    machine.do()
    assert own.in_hands == {"mariadb.service"}


@pytest.mark.parametrize(("standing", "unit", "phase"), [
    (Standing(good=True), Unit("active"), Phase.SERVES),
    (BAD, Unit("activating"), Phase.WAITS),
    (BAD, Unit("active"), Phase.WAITS),
    (BAD, Unit("failed"), Phase.WAITS),
    (BAD, Unit("inactive"), Phase.OTHER),  # stopped by hand
    (BAD, Unit("active", job="stop"), Phase.OTHER),
    (BAD, Unit(), Phase.OTHER),
    (Standing(), Unit("activating"), Phase.OTHER),
    (bad(silent=True), Unit("active"), Phase.OTHER),
    (bad(majority_lost=True), Unit("active"), Phase.WAITS),
])
def test_how_a_database_is_that_nobody_holds(standing: Standing, unit: Unit, phase: Phase):
    assert found(standing, unit) is phase


def test_a_position_is_read_as_galera_says_it():
    assert position(f"--wsrep_start_position={UUID}:2712\n") == (UUID, 2712)
    assert position(f"--wsrep_start_position={UUID}:2712,0-1-5") == (UUID, 2712)
    assert position("--wsrep_start_position=00000000-0000-0000-0000-000000000000:-1")[1] == -1
    for said in ("", "WSREP: Failed to recover position", "a:b"):
        with pytest.raises(ValueError, match=r"position|invalid literal"):
            position(said)
