"""What a service's `health.py` is written with: a probe is one real protocol exchange with a deadline.

Standard library only, since every node's agent imports it. A probe is a blocking function that the agent runs in a
worker thread of its own: it never forks.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from relevo.agent.pace import paced

SLICE = Path("/sys/fs/cgroup/system.slice")
_USAGE = b"usage_usec "
AgentConfig = Mapping[str, str]  # /etc/relevo/agent.json: names in `relevo.agent.settings`
# What a probe counted, for the monitoring: name -> of what (a path, a node; "" of the machine itself) -> value.
# `relevo.agent.metrics` gives each name to Prometheus as `relevo_NAME`.
Figures = Mapping[str, Mapping[str, float]]


class Measured(str):
    """What a probe saw, with the figures that it counted on the way."""

    __slots__ = ("figures",)
    figures: Figures

    def __new__(cls, text: str, figures: Figures) -> Self:
        """Make the word of them."""
        made = super().__new__(cls, text)
        made.figures = figures
        return made


NO_ROOM = "readable, but full"
COPIES_REACHED = "copies_reached"  # the figure of how many copies of the mail a mount is connected to
COPY_BEHIND = "copy_behind"  # the figure by machine of what its copy of the mail lacks (`relevo.agent.healing`)
STORE_WAIT = "store_wait_seconds"  # the figure of how long a program has waited for the mount
LONG_WAIT_SECONDS = paced(20.0)  # of these, so many are too many
COPY_STUCK = "copy_stuck"  # the same of what nothing is copied of any more (`relevo.agent.lost_locks`)


class NoRoom(str):
    """What a store says that can be read and takes nothing more: who writes to it may wait, and is not to blame."""

    __slots__ = ()


class ProbeFailed(Exception):  # noqa: N818 - the event, not a defect of the program
    """The service did not answer as it should; the text says what came instead. Figures tell as in `Measured`."""

    def __init__(self, text: str = "", figures: Figures | None = None) -> None:
        super().__init__(text)
        self.figures = figures or {}


def demand_well(text: str, now: float, oldest: float) -> None:
    """Raise ProbeFailed unless what a daemon wrote of itself says that all is well, and is not too old.

    Args:
        text: JSON with `at`, seconds since 1970, and `trouble`, empty when all is well.
        now: seconds since 1970.
        oldest: the seconds after which it has fallen silent.
    """
    try:
        told = json.loads(text)
        at, trouble = float(told["at"]), str(told["trouble"])
    except (ValueError, LookupError, TypeError):
        raise ProbeFailed(f"it says of itself {text[:60]!r}") from None
    if trouble:
        raise ProbeFailed(trouble[:300])
    if now - at > oldest:
        raise ProbeFailed(f"it has said nothing of itself for {now - at:.0f} s")


class NoAnswer(ProbeFailed):
    """Nothing came in time: the service hangs."""


class StandsStill(NoAnswer):
    """Nothing came, and none of the service's processes has run meanwhile: it hangs for sure, and is not only busy."""


class ConnectionEnded(ProbeFailed):
    """The other side closed the connection before it had said all."""


class MajorityLost(ProbeFailed):
    """The service itself says that this node is not part of the majority: it must not hold the virtual IP."""


class Deadline:
    """A point in monotonic time by which a whole exchange must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raise NoAnswer when none is."""
        if (left := self._end - time.monotonic()) <= 0:
            raise NoAnswer("no answer in time")
        return left


@dataclass(frozen=True)
class Probe:
    """One check of one service on this node.

    `check` gets a Deadline and returns a short word on what it saw, or raises ProbeFailed (OSError and ssl.SSLError
    count the same). `unit` is what the agent may restart. `vital`: a node that fails it should not hold the virtual IP.
    `every` and `timeout` are seconds. `at_rest`: its unit is only restarted on a node without the virtual IP,
    and when what was under way there has ended.
    `at_once`: also on the one that has it, even when the other could take it, since without that unit it could not.
    `patient`: it may have to wait for its turn, so only its whole timeout tells a hang (else `agent.patience` does).
    `slow_start`: its unit takes longer to come back than the virtual IP takes to move, so its death is a fault at once.
    `stands_on`: the services of this node that it may be waiting for; None when it may wait for another machine, too.
    When those answer, and nothing in its unit stirs, it is no use to wait for the timeout.
    `reload_after`: services whose failures its unit remembers, so that it is reloaded when they are well again.
    """

    name: str
    service: str
    check: Callable[[Deadline], str]
    unit: str = ""
    vital: bool = True
    every: float = 0.5
    timeout: float = 1.0
    at_rest: bool = False
    at_once: bool = False
    patient: bool = False
    slow_start: bool = False
    stands_on: tuple[str, ...] | None = None
    reload_after: tuple[str, ...] = ()


def _family(address: tuple[str, int] | str) -> socket.AddressFamily:
    if isinstance(address, str):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


class Conversation:
    """A line-wise exchange over TCP, a UNIX socket or TLS, every step of which ends by one deadline."""

    def __init__(self, address: tuple[str, int] | str, deadline: Deadline, tls: ssl.SSLContext | None = None) -> None:
        """Connect to `(host, port)` or to the path of a UNIX socket."""
        self._deadline = deadline
        raw = socket.socket(_family(address), socket.SOCK_STREAM)
        try:
            raw.settimeout(deadline.left())
            raw.connect(address)
            self._socket = tls.wrap_socket(raw) if tls else raw
        except BaseException:
            raw.close()
            raise
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Go on over TLS on the same connection."""
        self._socket.settimeout(self._deadline.left())
        self._socket = context.wrap_socket(self._socket)
        self._buffer = b""

    def send(self, line: str) -> None:
        """Send one line; CR LF is added."""
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(line.encode() + b"\r\n")

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(data)

    def comes(self, within: float) -> bool:
        """Wait up to so many seconds for the other side; tell whether it has said something (or closed)."""
        return bool(self._buffer or select.select([self._socket], [], [], min(within, self._deadline.left()))[0])

    def line(self) -> str:
        """Return the next line without its end."""
        while b"\n" not in self._buffer:
            self._buffer += self._receive()
        raw, self._buffer = self._buffer.split(b"\n", 1)
        return raw.rstrip(b"\r").decode(errors="replace")

    def read_until_closed(self, limit: int = 1 << 20) -> bytes:
        """Return all that comes until the other side closes, at most `limit` bytes."""
        while len(self._buffer) < limit:
            try:
                self._buffer += self._receive()
            except ConnectionEnded:
                break
        data, self._buffer = self._buffer, b""
        return data

    def expect(self, start: str) -> str:
        """Read a line that must begin with `start`; raise ProbeFailed when another one comes."""
        if not (line := self.line()).startswith(start):
            raise ProbeFailed(f"expected {start!r}, got {line[:120]!r}")
        return line

    def _receive(self) -> bytes:
        self._socket.settimeout(self._deadline.left())
        if not (data := self._socket.recv(65536)):
            raise ConnectionEnded("connection closed")
        return data


def used(unit: str, root: Path = SLICE) -> float | None:
    """Return the seconds of processor time that a unit's processes have used, None when the kernel does not tell.

    A service that is silent and uses none hangs; one that uses some may be busy. The source is the kernel's cpu.stat of
    control groups of version 2.
    """
    try:
        with open(f"{root}/{unit}/cpu.stat", "rb") as file:  # noqa: PTH123 - asked often
            for line in file:
                if line.startswith(_USAGE):
                    return int(line[len(_USAGE):]) / 1e6
    except (OSError, ValueError):
        pass
    return None


@cache
def loopback_tls() -> ssl.SSLContext:
    """Return the TLS context for services on this very machine: no name is checked, since we ask 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
