"""Doors from this computer's loopback into the lab's network, e.g. 127.0.0.1:8443 to port 443 of the virtual IP.

A process of its own: it is given sockets that listen in this computer's network, and itself runs in the lab's, so every
connection that it makes is made there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from relevo.deploy.shell import wait_until
from relevo.errors import LabError

LOOPBACK = "127.0.0.1"
_MODULE = "relevo.lab.forward"
_TRIES = 50
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
        self._mark = str(self._file)  # on its command line, so that another process with that number is never ended

    def doors(self) -> tuple[Door, ...]:
        """Return the doors of the process that runs; none when there is none."""
        return self._read()[1] if self._pid() else ()

    def start(self, enter: Sequence[str], address: str, wanted: Sequence[Door]) -> None:
        """Open the doors, each at its port or the next free one; nothing happens when they are open."""
        if self._pid():
            return
        sockets = [_listen(door.listen) for door in wanted]
        pairs = [f"{s.fileno()}:{door.port}" for s, door in zip(sockets, wanted, strict=True)]
        process = subprocess.Popen(
            [*enter, sys.executable, "-m", _MODULE, self._mark, address, *pairs],
            pass_fds=[s.fileno() for s in sockets], start_new_session=True, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        doors = [Door(s.getsockname()[1], door.port) for s, door in zip(sockets, wanted, strict=True)]
        lines = [str(process.pid), *(f"{door.listen} {door.port}" for door in doors)]
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
            wait_until(lambda: not self._pid(), within=10, what="the forwarder to end")
        self._file.unlink(missing_ok=True)

    def _read(self) -> tuple[int, tuple[Door, ...]]:
        first, *rest = self._file.read_text(encoding="ascii").splitlines()
        return int(first), tuple(Door(*map(int, line.split())) for line in rest)

    def _pid(self) -> int | None:
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            pid, _ = self._read()
            if self._mark in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0"):
                return pid
        return None


def _listen(first: int) -> socket.socket:
    """Return a socket that listens at that port or at the next free one."""
    for port in range(first, first + _TRIES):
        with suppress(OSError):
            return socket.create_server((LOOPBACK, port))
    raise LabError(f"no free port from {first} to {first + _TRIES - 1} on {LOOPBACK}")


async def _serve(address: str, pairs: Sequence[tuple[int, int]]) -> None:
    for descriptor, port in pairs:
        listener = socket.socket(fileno=descriptor)
        await asyncio.start_server(partial(_through, address, port), sock=listener)
    await asyncio.Event().wait()


async def _through(address: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes both ways until either side ends."""
    with suppress(OSError):
        far_reader, far_writer = await asyncio.open_connection(address, port)
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
    writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    finally:
        target.close()


def main(arguments: Sequence[str]) -> None:
    """Forward until ended; arguments: the lab's mark, the address, and `<descriptor>:<port>` a door."""
    _, address, *pairs = arguments
    asyncio.run(_serve(address, [(int(fd), int(port)) for fd, _, port in (pair.partition(":") for pair in pairs)]))


if __name__ == "__main__":
    main(sys.argv[1:])
