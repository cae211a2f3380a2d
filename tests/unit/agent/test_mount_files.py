"""Which open files the mount could not open on which copy, from the dump that it writes when it is asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from relevo.agent import mount_files
from relevo.agent.mount_files import parse, unopened

# As GlusterFS 11.1 writes it, shortened.
DUMP = """\
DUMP-START-TIME: 2026-12-01 00:48:07.781055 +0000

[mempool]
pool-name=fd_t

[xlator.protocol.client.mail-client-2.priv]
fd.0.remote_fd=-1
fd.1.remote_fd=3
fd.2.remote_fd=-1
connecting=0

[xlator.protocol.client.mail-client-1.priv]
fd.0.remote_fd=-1

[xlator.protocol.client.mail-client-0.priv]
fd.0.remote_fd=12

[cluster/replicate.mail-replicate-0]
fd.0.remote_fd=-1

DUMP-END-TIME: 2026-12-01 00:48:07.782118 +0000
"""
# A process that answers SIGUSR1 as the mount does, if its options are as small as they should be.
MOUNT = """\
import os, signal, sys, pathlib
folder, text = pathlib.Path(sys.argv[1]), sys.argv[2]
def dump(*_):
    assert (folder / f"glusterdump.{os.getpid()}.options").read_text() == "priv=yes\\n"
    (folder / f"glusterdump.{os.getpid()}.dump.1796086087").write_text(text)
signal.signal(signal.SIGUSR1, dump)
print("goes on", flush=True)
while True:
    signal.pause()
"""


def test_files_are_counted_by_copy():
    assert parse(DUMP) == {2: 2, 1: 1}
    assert parse("") == {}


def asked(folder: Path, text: str) -> dict[int, int]:
    """Ask a process that writes this, and see that it leaves nothing behind."""
    pid_file = folder / "pid"
    with subprocess.Popen([sys.executable, "-c", MOUNT, str(folder), text], stdout=subprocess.PIPE) as mount:
        try:
            assert mount.stdout is not None
            assert mount.stdout.readline() == b"goes on\n"
            pid_file.write_text(f"{mount.pid}\n", encoding="ascii")
            return unopened(pid_file, folder)
        finally:
            mount.kill()
            assert list(folder.iterdir()) == [pid_file]


def test_the_mount_is_asked_and_leaves_nothing_behind(tmp_path: Path):
    assert asked(tmp_path, DUMP) == {2: 2, 1: 1}


def test_one_that_does_not_finish_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mount_files, "_SECONDS", 0.3)
    with pytest.raises(TimeoutError, match="does not tell its state"):
        asked(tmp_path, DUMP.replace("DUMP-END", "DUMP"))


def test_without_a_mount_nothing_is_open(tmp_path: Path):
    assert unopened(tmp_path / "none", tmp_path) == {}
