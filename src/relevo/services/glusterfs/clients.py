"""Do this machine's clients of the volume reach every copy of the mail? Read from /proc; standard library only.

A client (the mount, the self-heal daemon) that lost its bricks may never try again (seen for an hour, while each brick
answered): writes then go to two copies only, or nothing is healed, and nothing else says so.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from relevo.agent.probe import COPIES_REACHED, Deadline, Measured, ProbeFailed

_ESTABLISHED = "01"
_MANAGEMENT_PORT = 24007
_REACH_SECONDS = 0.5


class Reach:
    """Whether one client has a connection to the brick of every machine that answers."""

    def __init__(
        self, who: str, pid_file: str, bricks: Iterable[str], ports: range, *, rests: str = "", patience: float = 0,
    ) -> None:
        """Take what to call the client, the file with its number, and where bricks are.

        `rests`: the file that says that it rests. `patience`: for so many seconds it may find a copy again by itself.
        """
        self._who, self._pid_file, self._bricks, self._ports = who, pid_file, sorted(bricks), ports
        self._rests, self._patience = rests, patience
        self._whole_at = time.monotonic()

    def check(self, deadline: Deadline) -> str:
        """Return how many copies it reaches; raise ProbeFailed when one that could be reached is not, for too long."""
        if self._rests and Path(self._rests).exists():
            return "rests: it could heal nothing now, or do harm"
        reached = self.reached()
        missing = [address for address in self._bricks if address not in reached]
        count = len(self._bricks) - len(missing)
        figures = {} if self._rests else {COPIES_REACHED: {"": float(count)}}  # of the mount; one figure a machine
        there = next((one for one in missing if _answers(one, min(_REACH_SECONDS, deadline.left()))), "")
        if not there:
            self._whole_at = time.monotonic()
        elif time.monotonic() - self._whole_at >= self._patience:
            raise ProbeFailed(f"{self._who} has no connection to the copy on {there}, which answers", figures)
        return Measured(f"{count} copies", figures)

    def reached(self) -> frozenset[str]:
        """Return the addresses of the bricks that the client is connected to."""
        try:
            pid = int(Path(self._pid_file).read_text(encoding="ascii"))
            own = frozenset(_sockets(Path("/proc") / str(pid) / "fd"))
            rows = (Path("/proc") / str(pid) / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]
        except (OSError, ValueError):
            raise ProbeFailed(f"{self._who} does not run") from None
        return frozenset(address for inode, address, port in _connections(rows) if inode in own and port in self._ports)


def _sockets(folder: Path) -> Iterator[str]:
    for name in os.listdir(folder):  # noqa: PTH208 - entries come and go meanwhile
        with suppress(OSError):
            target = str((folder / name).readlink())
            if target.startswith("socket:["):
                yield target[8:-1]


def _connections(rows: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """Yield inode, peer and its port of each established connection in /proc/net/tcp (proc_pid_net(5))."""
    for row in rows:
        words = row.split()
        if words[3] == _ESTABLISHED:
            address, _, port = words[2].partition(":")
            yield words[9], socket.inet_ntoa(struct.pack("=I", int(address, 16))), int(port, 16)


def _answers(address: str, seconds: float) -> bool:
    """Tell whether GlusterFS runs on a machine at all: one that is away is no fault of ours."""
    try:
        with socket.create_connection((address, _MANAGEMENT_PORT), timeout=seconds):
            return True
    except OSError:
        return False
