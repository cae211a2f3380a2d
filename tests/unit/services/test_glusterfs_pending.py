"""What other copies lack, from the index of a brick as Gluster keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from relevo.agent.probe import Deadline, ProbeFailed
from relevo.services.glusterfs.pending import PATIENCE_SECONDS, Pending


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
    pending = Pending(str(tmp_path), clock)
    assert pending.check(Deadline(1)) == ""
    for name in ("a", "b"):
        (index / name).touch()
    assert pending.check(Deadline(1)) == "2 to be copied"
    clock.now += PATIENCE_SECONDS
    with pytest.raises(ProbeFailed, match="2 files are not copied"):
        pending.check(Deadline(1))


def test_writes_under_way_are_no_fault(tmp_path: Path, index: Path):
    clock = Clock()
    pending = Pending(str(tmp_path), clock)
    for _ in range(5):
        (index / "a").touch()
        assert pending.check(Deadline(1)) == "1 to be copied"
        (index / "a").unlink()
        assert pending.check(Deadline(1)) == ""
        clock.now += PATIENCE_SECONDS


def test_without_a_volume_nothing_is_behind(tmp_path: Path):
    assert Pending(str(tmp_path)).check(Deadline(1)) == ""
