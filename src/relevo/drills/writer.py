"""What the drill `owners` runs on each mail node: it writes to the mail store as Dovecot and Postfix do.

    python writer.py '[{"node": ..., "folder": ..., "notes": ..., "vip": ..., "port": ..., "agent": ...},
                       {"node": ..., "folder": ..., "notes": ..., "pid_file": ...}, ...]'

Each job of the list goes on for ever, in sessions, in a thread of its own:

- Mailbox: a session begins when the Dovecot of this very node accepts a connection to the virtual IP: past the real
  gate, and only while the address is here. Its owner is the claim that the agent names at that moment. Nobody is asked
  any more: it delivers until its connection ends, a write fails, or it has delivered SESSION_LENGTH.
- Queue: a session is as long as a Postfix lives, the one of `pid_file`. Its owner has a new name each time.

Each delivery appends a line `OWNER NODE NUMBER BEGAN` (monotonic seconds) to FOLDER/log and makes the file
FOLDER/new/OWNER.NUMBER. Both are on the disks before `OWNER NUMBER` goes to `notes`, which is no part of the store.

It is sent to the nodes as a file, and never ends by itself. Standard library and `relevo.agent.ask` only.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from relevo.agent.ask import ask

Job = Mapping[str, str | int]

POSTFIX = "master"
SESSION_LENGTH = 100  # deliveries, not seconds: who was paused goes on where it was
REST_SECONDS = 0.05  # until it is tried again to begin a session
CONNECT_SECONDS, BANNER_SECONDS = 0.3, 2.0  # a closed gate drops what comes
LOCK_SECONDS, LOCK_EVERY_SECONDS = 30.0, 0.005
SYNC_SECONDS = 1.0  # at most so many seconds of notes are lost in a power cut; deliveries never

class Notes:
    """The acknowledged deliveries. Numbers begin at the milliseconds since 1970: a later writer repeats none."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._synced = time.monotonic()
        self._number = int(time.time() * 1000)

    def next(self) -> int:
        """Return the number of the next delivery."""
        self._number += 1
        return self._number

    def acknowledge(self, owner: str, number: int) -> None:
        """Note that this delivery is on the disks."""
        os.write(self._file, f"{owner} {number}\n".encode())
        if time.monotonic() - self._synced > SYNC_SECONDS:
            os.fsync(self._file)
            self._synced = time.monotonic()


def is_here(vip: str) -> bool:
    """Tell whether the address is this machine's own; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect((vip, 9))
        return bool(asked.getsockname()[0] == vip)


def is_over(door: socket.socket) -> bool:
    """Tell whether the other side has ended the connection, or somebody else has; it has nothing else to say."""
    try:
        door.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def claim(agent: str) -> str:
    """Return the name of this node's claim while its gate is open, without spaces; "" when it has none."""
    guard = json.loads(ask("view", agent))["own"]["guard"]
    return str(guard["claim"]).replace(" ", "@") if guard["open"] else ""


@contextmanager
def locked(name: str, folder: int) -> Iterator[int]:
    """Open a file to append, and have it alone on both nodes (fcntl(2), as Dovecot does with an index)."""
    file = os.open(name, os.O_WRONLY | os.O_APPEND, dir_fd=folder)
    try:
        end = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > end:
                    raise
            time.sleep(LOCK_EVERY_SECONDS)
        yield file
    finally:
        os.close(file)


def deliver(folder: int, owner: str, node: str, number: int) -> None:
    """Append the line and make the file; both are on the disks when this returns, else it raises OSError."""
    line = f"{owner} {node} {number} {time.monotonic():.3f}\n".encode()
    name = f"{owner}.{number}"
    with locked("log", folder) as log:
        _write(log, line)
        letter = os.open(f"tmp/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
        try:
            _write(letter, line)
        finally:
            os.close(letter)
        os.rename(f"tmp/{name}", f"new/{name}", src_dir_fd=folder, dst_dir_fd=folder)
        new = os.open("new", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        try:
            os.fsync(new)
        finally:
            os.close(new)


def _write(file: int, line: bytes) -> None:
    if os.write(file, line) != len(line):
        raise OSError("only a part of it was written")
    os.fsync(file)


@dataclass(frozen=True)
class Session:
    """Who writes, and for how long."""

    owner: str
    is_over: Callable[[], bool]
    length: float = float("inf")  # deliveries
    every: float = 0.05  # seconds between two


@contextmanager
def mailbox_session(job: Job) -> Iterator[Session | None]:
    """Connect to this node's Dovecot; raise OSError when the gate is closed, yield None without the address."""
    vip, port = str(job["vip"]), int(job["port"])
    if not is_here(vip):
        yield None
        return
    with socket.create_connection((vip, port), timeout=CONNECT_SECONDS) as door:
        if door.getsockname()[0] != vip:
            raise ConnectionError("the virtual IP has just left")
        door.settimeout(BANNER_SECONDS)
        if not door.recv(1000).startswith(b"220"):
            raise ConnectionError("Dovecot takes no deliveries")
        door.settimeout(0)
        owner = claim(str(job["agent"]))
        yield Session(owner, lambda: is_over(door), SESSION_LENGTH, 0.01) if owner else None


@contextmanager
def queue_session(job: Job) -> Iterator[Session | None]:
    """Find this node's Postfix; yield None when it does not run."""
    try:
        pid = int(Path(str(job["pid_file"])).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        yield None
        return
    name = f"{job['node']}@{Path(str(job['folder'])).name}-{time.time():.3f}"
    yield None if is_dead(pid) else Session(name, lambda: is_dead(pid))


def is_dead(pid: int) -> bool:
    """Tell whether there is no Postfix of that number; after a power cut the file may name another's process."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() != POSTFIX
    except (FileNotFoundError, ProcessLookupError):
        return True


def work(job: Job, session: Session, notes: Notes) -> int:
    """Deliver for as long as a session lasts; return how many. Raise OSError when a write fails."""
    # of this mount for the whole session, also when there is another one later
    folder = os.open(str(job["folder"]), os.O_RDONLY | os.O_DIRECTORY)
    try:
        done = 0
        while done < session.length and not session.is_over():
            number = notes.next()
            deliver(folder, session.owner, str(job["node"]), number)
            notes.acknowledge(session.owner, number)
            done += 1
            time.sleep(session.every)
        return done
    finally:
        os.close(folder)


def go_on(job: Job) -> None:
    """Begin one session after the other, for ever; say what ends them, each reason once."""
    notes, said = Notes(str(job["notes"])), ""
    begin = queue_session if "pid_file" in job else mailbox_session
    while True:
        why = ""
        try:
            with begin(job) as session:
                if session:
                    why = f"a session of {work(job, session, notes)} deliveries is over"
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
        if why and why != said:
            sys.stderr.write(f"{job['folder']}: {why}\n")
            sys.stderr.flush()
            said = why
        time.sleep(REST_SECONDS)


def main(jobs: Sequence[Job]) -> None:
    """Do all jobs at the same time: a store that hangs for one must not stop the others."""
    threads = [threading.Thread(target=go_on, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
