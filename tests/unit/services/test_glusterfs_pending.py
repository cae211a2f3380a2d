"""What other copies lack, from the index of a brick as Gluster keeps it."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest

from relevo.agent.probe import Deadline, Measured, ProbeFailed
from relevo.services.glusterfs import pending as pending_module
from relevo.services.glusterfs.pending import PATIENCE_SECONDS, STUCK_SECONDS, UNKNOWN, Pending


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / ".glusterfs" / "indices" / "xattrop"
    folder.mkdir(parents=True)
    (folder / "xattrop-0d2c4f5e").touch()
    return folder


def test_files_that_stay_behind_are_told_with_their_number(tmp_path: Path, index: Path):
    clock = Clock()
    pending = Pending(str(tmp_path), clock=clock)
    assert pending.check(Deadline(1)) == ""
    for name in ("a", "b"):
        (index / name).touch()
    assert pending.check(Deadline(1)) == "2 to be copied"
    clock.now += PATIENCE_SECONDS
    with pytest.raises(ProbeFailed, match="2 files are not copied"):
        pending.check(Deadline(1))


def test_writes_under_way_are_no_fault(tmp_path: Path, index: Path):
    clock = Clock()
    pending = Pending(str(tmp_path), clock=clock)
    for _ in range(5):
        (index / "a").touch()
        assert pending.check(Deadline(1)) == "1 to be copied"
        (index / "a").unlink()
        assert pending.check(Deadline(1)) == ""
        clock.now += PATIENCE_SECONDS


NOTHING, SOMETHING = bytes(12), bytes(11) + b"\1"


def marked(monkeypatch: pytest.MonkeyPatch, marks: dict[str, dict[str, bytes]]) -> None:
    """Have files named by their GFID carry AFR's marks: by the number of the copy, or `dirty`."""

    def getxattr(path: str, name: str) -> bytes:
        with suppress(KeyError):
            return marks[Path(path).name][name.removeprefix("trusted.afr.").removeprefix("mail-client-")]
        raise OSError(errno.ENODATA, "No data available")

    monkeypatch.setattr(os, "getxattr", getxattr)


def whose(pending: Pending) -> object:
    told = pending.check(Deadline(1))
    assert isinstance(told, Measured)
    return told.figures["copy_behind"]


def test_whose_copy_is_behind_is_counted(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch):
    marked(monkeypatch, {
        "aa11": {"0": SOMETHING, "2": NOTHING, "dirty": SOMETHING}, "bb22": {"0": SOMETHING, "1": SOMETHING},
        "cc33": {"0": NOTHING},
    })
    for name in ("aa11", "bb22", "cc33", "gone"):
        (index / name).touch()
    pending = Pending(str(tmp_path), "mail", ["mail01", "mail02", "storage01"])
    assert [whose(pending), whose(pending)] == [{"mail01": 2.0, "mail02": 1.0}] * 2


def test_what_stays_under_way_may_be_anybodys(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch):
    marks = {"aa11": {"dirty": SOMETHING}, "bb22": {"0": SOMETHING}}
    marked(monkeypatch, marks)
    for name in ("aa11", "bb22"):
        (index / name).touch()
    pending = Pending(str(tmp_path), "mail", ["mail01"])
    assert [whose(pending) for _ in range(3)] == [{"mail01": 1.0}, *[{"mail01": 1.0, UNKNOWN: 1.0}] * 2]
    marks["aa11"] = {"dirty": NOTHING}
    assert whose(pending) == {"mail01": 1.0}


def test_of_many_files_some_are_looked_at_each_time_others(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch,
):
    seen: list[str] = []
    monkeypatch.setattr(os, "getxattr", lambda path, _name: seen.append(Path(path).name) or b"\1")
    monkeypatch.setattr(pending_module, "_MOST", 10)
    names = {f"{number:04x}" for number in range(25)}
    for name in names:
        (index / name).touch()
    pending = Pending(str(tmp_path), "mail", ["mail01"])
    for turn in range(1, 4):
        told = pending.check(Deadline(1))
        assert isinstance(told, Measured)
        assert told.figures == {"files_behind": {"": 25.0}, "copy_behind": {"mail01": 10.0}, "copy_stuck": {}}
        assert len(seen) == 10 * turn
    assert set(seen) == names


def test_without_a_volume_nothing_is_behind(tmp_path: Path):
    assert Pending(str(tmp_path)).check(Deadline(1)) == ""


def stuck(pending: Pending) -> object:
    try:
        told = pending.check(Deadline(1))
    except ProbeFailed as failed:
        return failed.figures["copy_stuck"]
    assert isinstance(told, Measured)
    return told.figures["copy_stuck"]


class Copying:
    """A brick whose index is looked at every five seconds."""

    def __init__(self, brick: Path, index: Path) -> None:
        self.clock, self.index, self.rests = Clock(), index, brick / "rests"
        copies = ["mail01", "mail02", "storage01"]
        self.pending = Pending(str(brick), "mail", copies, self.clock, rests=str(self.rests))

    def look(self, *names: str) -> object:
        """Let five seconds pass, and look at an index of these files."""
        self.clock.now += 5.0
        for entry in self.index.glob("[!x]*"):
            entry.unlink()
        for name in names:
            (self.index / name).touch()
        return stuck(self.pending)


@pytest.fixture
def copying(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> Copying:
    blamed = {"2": SOMETHING}
    marked(monkeypatch, {"aa11": blamed, "bb22": blamed, "cc33": blamed})
    return Copying(tmp_path, index)


LOOKS = int(STUCK_SECONDS / 5)


def test_copying_is_stuck_when_nothing_that_waits_is_copied(copying: Copying):
    assert [copying.look("aa11", "bb22") for _ in range(LOOKS)] == [{}] * LOOKS
    assert copying.look("aa11", "bb22") == {"storage01": 2.0}
    with pytest.raises(ProbeFailed, match=r"2 files are not copied .* yet, and nothing has been for 65 s"):
        copying.pending.check(Deadline(1))
    assert copying.look("bb22") == {}  # one was copied: the other one's turn may come


def test_writes_that_come_and_go_are_no_copying(copying: Copying):
    told = [copying.look("aa11", "cc33") if turn % 2 else copying.look("aa11") for turn in range(LOOKS + 2)]
    assert told[-1] == {"storage01": 1.0}


def test_copying_that_goes_on_is_not_stuck_however_long_it_takes(copying: Copying):
    for turn in range(4 * LOOKS):
        names = [f"{number:04x}" for number in range(turn, 400)]
        assert copying.look("aa11", *names) == {}


def test_copying_is_not_stuck_while_the_daemon_rests(copying: Copying):
    copying.rests.touch()
    assert [copying.look("aa11") for _ in range(2 * LOOKS)] == [{}] * 2 * LOOKS
    copying.rests.unlink()
    assert [copying.look("aa11") for _ in range(LOOKS)][-2:] == [{}, {"storage01": 1.0}]
