"""Whether a program waits for the mount, and for how long, from what the kernel tells of processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from relevo.agent.probe import LONG_WAIT_SECONDS, STORE_WAIT, Deadline, Measured, ProbeFailed
from relevo.services.glusterfs.waits import Waits

FUSE, IDLE = "request_wait_answer", "do_epoll_wait"


class Machine:
    """Processes of Dovecot and others, looked at every five seconds."""

    def __init__(self, folder: Path) -> None:
        self.now = 100.0
        self._proc, self._slice = folder / "proc", folder / "slice"
        for unit in ("dovecot.service", "postfix.service", "other.service"):
            (self._slice / unit).mkdir(parents=True)
            self.has(unit)
        self.waits = Waits(clock=lambda: self.now, slice_=self._slice, proc=self._proc)

    def has(self, unit: str, *pids: int) -> None:
        (self._slice / unit / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))

    def process(self, pid: int, wchan: str, sleeps: int, name: str = "imap") -> None:
        folder = self._proc / str(pid)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "wchan").write_text(wchan)
        (folder / "comm").write_text(f"{name}\n")
        (folder / "status").write_text(f"Name:\t{name}\nvoluntary_ctxt_switches:\t{sleeps}\nnonvoluntary:\t3\n")

    def look(self) -> float:
        self.now += 5.0
        told = self.waits.check(Deadline(1))
        assert isinstance(told, Measured)
        return told.figures[STORE_WAIT][""]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_process_that_waits_in_one_place_for_long_is_told(machine: Machine):
    machine.has("dovecot.service", 11, 12)
    machine.process(11, FUSE, 40)
    machine.process(12, IDLE, 7)
    looks = int(LONG_WAIT_SECONDS / 5)
    assert [machine.look() for _ in range(looks)] == [5.0 * turn for turn in range(looks)]
    with pytest.raises(ProbeFailed, match="imap has waited for the store for 20 s: a mailbox hangs") as failed:
        machine.look()
    assert failed.value.figures == {STORE_WAIT: {"": 20.0}}
    machine.process(11, IDLE, 41)
    assert machine.look() == 0.0


def test_many_short_waits_are_no_long_one(machine: Machine):
    machine.has("postfix.service", 11)
    for turn in range(20):
        machine.process(11, FUSE, turn)
        assert machine.look() == 0.0


def test_who_is_not_of_the_mail_may_wait(machine: Machine):
    machine.has("other.service", 11)
    machine.process(11, FUSE, 40)
    assert [machine.look() for _ in range(10)] == [0.0] * 10


def test_a_process_that_has_just_ended_is_nobody(machine: Machine):
    machine.has("dovecot.service", 11)
    assert machine.look() == 0.0


def test_without_services_nobody_waits(tmp_path: Path):
    assert Waits(slice_=tmp_path / "none", proc=tmp_path).check(Deadline(1)) == ""
