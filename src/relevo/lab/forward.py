"""Doors from this computer's loopback into the lab's network, e.g. 127.0.0.1:8443 to port 443 of the virtual IP.

A process of its own: it is given sockets that listen in this computer's network, and itself runs in the lab's, so every
connection that it makes is made there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from relevo.deploy.shell import wait_until
from relevo.errors import LabError
from relevo.i18n import _

LOOPBACK = "127.0.0.1"
Launch: TypeAlias = Callable[[Sequence[str], Sequence[int]], int]
_MODULE = "relevo.lab.forward"
_TRIES = 50
_START_TIME = 18  # its place among the fields after the state
_CHUNK = 65536


@dataclass(frozen=True)
class Door:
    """A port on the loopback, and where it leads."""

    listen: int
    port: int


class Forwarder:
    """The forwarding process of one lab; its number and doors are in the file `forward` of the lab's folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "forward"

    def doors(self) -> tuple[Door, ...]:
        """Return the doors of the process that runs; none when there is none."""
        return self._read()[1] if self._pid() else ()

    def start(self, launch: Launch, address: str, wanted: Sequence[Door]) -> None:
        """Open the doors, each at its port or the next free one; nothing happens when they are open.

        `launch` starts a command in the lab's network with descriptors that it keeps, and returns its process number.
        """
        if self._pid():
            return
        sockets = [_listen(door.listen) for door in wanted]
        pairs = [f"{s.fileno()}:{door.port}" for s, door in zip(sockets, wanted, strict=True)]
        pid = launch([sys.executable, "-m", _MODULE, address, *pairs], [s.fileno() for s in sockets])
        doors = [Door(s.getsockname()[1], door.port) for s, door in zip(sockets, wanted, strict=True)]
        first = f"{pid} {_born(pid)}"  # so that another process with that number is never ended
        lines = [first, *(f"{door.listen} {door.port}" for door in doors)]
        self._file.write_text("\n".join(lines) + "\n", encoding="ascii")
        for each in sockets:
            each.close()

    def stop(self) -> None:
        """End the process."""
        if pid := self._pid():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            with suppress(ChildProcessError):  # it is our child when the same program started it
                os.waitpid(pid, 0)
            wait_until(lambda: not self._pid(), within=10, what=_("the forwarder to end"))
        self._file.unlink(missing_ok=True)

    def _read(self) -> tuple[str, tuple[Door, ...]]:
        first, *rest = self._file.read_text(encoding="ascii").splitlines()
        return first, tuple(Door(*map(int, line.split())) for line in rest)

    def _pid(self) -> int | None:
        if not self._file.exists():
            return None
        pid, _, born = self._read()[0].partition(" ")
        return int(pid) if _born(int(pid)) == born else None


def _born(pid: int) -> str:
    """Return when a process started, in clock ticks since boot (proc_pid_stat(5)); empty when it has ended."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if state == "Z" else fields[_START_TIME]


def _listen(first: int) -> socket.socket:
    """Return a socket that listens at that port or at the next free one."""
    for port in range(first, first + _TRIES):
        with suppress(OSError):
            return socket.create_server((LOOPBACK, port))
    text = _("no free port from {first} to {last} on {address}")
    raise LabError(text.format(first=first, last=first + _TRIES - 1, address=LOOPBACK))


async def _serve(address: str, pairs: Sequence[tuple[int, int]]) -> None:
    for descriptor, port in pairs:
        listener = socket.socket(fileno=descriptor)
        await asyncio.start_server(partial(_through, address, port), sock=listener)
    await asyncio.Event().wait()


async def _through(address: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes both ways until both sides have ended."""
    with closing(writer), suppress(OSError):
        far_reader, far_writer = await asyncio.open_connection(address, port)
        with closing(far_writer):
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Carry bytes one way; at its end the target hears of it, and may still answer."""
    while data := await source.read(_CHUNK):
        target.write(data)
        await target.drain()
    target.write_eof()


def main(arguments: Sequence[str]) -> None:
    """Forward until ended; arguments: the address, and `<descriptor>:<port>` a door."""
    address, *pairs = arguments
    asyncio.run(_serve(address, [(int(fd), int(port)) for fd, _, port in (pair.partition(":") for pair in pairs)]))


if __name__ == "__main__":
    main(sys.argv[1:])
