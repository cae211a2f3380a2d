"""Asks this machine's mount of the mail store (GlusterFS) of how many open files it could not open on which copy.

It tells in a dump of its state, which it writes on SIGUSR1; of `glusterdump.PID.options` it takes what to write, so
that it is small however many files are known to it. Standard library only.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from relevo.agent.pace import paced

MOUNT_PID_FILE = Path("/run/relevo-storage.pid")  # services/storage
_FOLDER = Path("/run/gluster")  # where GlusterFS reads and writes those files
_OPTIONS = "priv=yes\n"  # what each translator knows of itself, without files, memory and calls under way
_SECONDS = paced(5.0)  # it takes some milliseconds
_EVERY_SECONDS = 0.05
_END = "DUMP-END-TIME"
_CLIENT = re.compile(r"\[xlator\.protocol\.client\..*-client-(\d+)\.priv\]")
_NOT_OPEN = re.compile(r"fd\.\d+\.remote_fd=-1")


def unopened(pid_file: Path = MOUNT_PID_FILE, folder: Path = _FOLDER) -> dict[int, int]:
    """Return by the number of the copy, in the order of the volume's bricks, how many open files are not open there.

    Nothing where nothing is mounted. Blocks for `_SECONDS` at most; raises OSError when the mount does not tell.
    """
    pid = mount_pid(pid_file)
    return parse(_dump(pid, folder)) if pid else {}


def mount_pid(pid_file: Path = MOUNT_PID_FILE) -> int:
    """Return the number of the mount's process, 0 where nothing is mounted."""
    try:
        return int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def parse(dump: str) -> dict[int, int]:
    """Return the same from a dump."""
    counted, copy = Counter[int](), None
    for line in dump.splitlines():
        if line.startswith("["):
            section = _CLIENT.fullmatch(line)
            copy = int(section[1]) if section else None
        elif copy is not None and _NOT_OPEN.fullmatch(line):
            counted[copy] += 1
    return dict(counted)


def _dump(pid: int, folder: Path) -> str:
    options, names = folder / f"glusterdump.{pid}.options", f"glusterdump.{pid}.dump.*"
    _remove(folder, names)
    options.write_text(_OPTIONS, encoding="ascii")
    try:
        os.kill(pid, signal.SIGUSR1)
        return _wait_for(folder, names)
    finally:
        options.unlink(missing_ok=True)
        _remove(folder, names)


def _wait_for(folder: Path, names: str) -> str:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        for file in folder.glob(names):
            text = file.read_text(encoding="utf-8", errors="replace")
            if _END in text:
                return text
        time.sleep(_EVERY_SECONDS)
    raise TimeoutError("the mount does not tell its state")


def _remove(folder: Path, names: str) -> None:
    for file in folder.glob(names):
        with suppress(OSError):
            file.unlink()
