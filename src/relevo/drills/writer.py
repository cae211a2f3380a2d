"""What the drill `owners` runs on each mail node: it writes to the mail store as a Dovecot does that takes deliveries.

    python writer.py NODE VIP LMTP_PORT AGENT_SOCKET FOLDER ACKNOWLEDGED

A session begins when the Dovecot of this very node accepts a connection to the virtual IP: past the real gate, and only
while the address is here. Its owner is the claim that the agent names at that moment. From then on nobody is asked: it
delivers until its connection ends, a write fails, or it has delivered SESSION_LENGTH. Each delivery appends a line
`OWNER NODE NUMBER BEGAN` (monotonic seconds) to the file FOLDER/log and makes the file FOLDER/new/OWNER.NUMBER, both on
the disks before `OWNER NUMBER` goes to the file ACKNOWLEDGED, which is no part of the store.

It is sent to the nodes as a file, and never ends by itself. Standard library and `relevo.agent.ask` only.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from relevo.agent.ask import ask

EVERY_SECONDS = 0.01  # between two deliveries of a session
SESSION_LENGTH = 100  # deliveries, not seconds: who was paused goes on where it was
REST_SECONDS = 0.05  # until it is tried again to begin a session
CONNECT_SECONDS, BANNER_SECONDS = 0.3, 2.0  # a closed gate drops what comes
LOCK_SECONDS, LOCK_EVERY_SECONDS = 30.0, 0.005
SYNC_SECONDS = 1.0  # at most so many seconds of acknowledgements are lost in a power cut; deliveries never


@dataclass(frozen=True)
class Post:
    """Where this writer stands."""

    node: str
    vip: str
    port: int
    agent: str
    folder: str
    acknowledged: str


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


@contextmanager
def accepted(post: Post) -> Iterator[socket.socket]:
    """Connect to this node's Dovecot; raise OSError when the gate is closed, or the address is not here."""
    with socket.create_connection((post.vip, post.port), timeout=CONNECT_SECONDS) as door:
        if door.getsockname()[0] != post.vip:
            raise ConnectionError("the virtual IP has just left")
        door.settimeout(BANNER_SECONDS)
        if not door.recv(1000).startswith(b"220"):
            raise ConnectionError("Dovecot takes no deliveries")
        door.settimeout(0)
        yield door


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


def session(post: Post, notes: Notes) -> int:
    """Deliver for as long as this session lasts; return how many."""
    with accepted(post) as door:
        owner = claim(post.agent)
        # of this mount for the whole session, also when there is another one later
        folder = os.open(post.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            done = 0
            while owner and done < SESSION_LENGTH and not is_over(door):
                number = notes.next()
                deliver(folder, owner, post.node, number)
                notes.acknowledge(owner, number)
                done += 1
                time.sleep(EVERY_SECONDS)
            return done
        finally:
            os.close(folder)


def main(post: Post) -> None:
    """Begin one session after the other, for ever; say why none begins, each reason once."""
    notes, said = Notes(post.acknowledged), ""
    while True:
        why = ""
        try:
            if is_here(post.vip):
                why = f"a session of {session(post, notes)} deliveries is over"
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
        if why and why != said:
            sys.stderr.write(f"{why}\n")
            sys.stderr.flush()
            said = why
        time.sleep(REST_SECONDS)


if __name__ == "__main__":
    _, _node, _vip, _port, _agent, _folder, _acknowledged = sys.argv
    main(Post(_node, _vip, int(_port), _agent, _folder, _acknowledged))
