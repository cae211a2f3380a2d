"""The cluster's lock, taken by commands that run on the nodes: here they run on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from relevo.errors import LockedError
from relevo.operate import recover

NODE = SimpleNamespace(name="mail01")


class Here:
    """What runs a node's commands, on this machine."""

    def open(self, _node, argv, stderr) -> subprocess.Popen[bytes]:
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "lock"
    monkeypatch.setattr(recover, "LOCK_FILE", path)
    return path


@contextmanager
def held(path: Path, seconds: float) -> Iterator[None]:
    """Let another command have the lock for so long."""
    argv = ["flock", str(path), "sh", "-c", f"echo held; exec sleep {seconds:g}"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        yield
        other.kill()


def test_one_that_is_about_to_end_is_waited_for(lock: Path):
    with held(lock, 0.5), recover.cluster_lock([NODE], Here(), "work on mail02"):
        assert "(work on mail02)" in lock.read_text()
    with recover.cluster_lock([NODE], Here(), "the next"):
        assert "(the next)" in lock.read_text()


def test_one_that_stays_is_told(lock: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recover, "PATIENCE_SECONDS", 0.2)
    told = "mail01 is locked by another command: wait until it is done"
    with held(lock, 30), pytest.raises(LockedError, match=told), recover.cluster_lock([NODE], Here(), "in vain"):
        raise AssertionError("it is locked")
