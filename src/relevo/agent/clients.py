"""The list of the virtual IP's clients, which its holder shares with the other mail node, so that this can wake them.

The holder looks once a second and tells the difference to what it told before, and now and then the whole list:

    {"clients": {"all": [[client, client port, our port], ...]}}
    {"clients": {"new": [...], "gone": [...]}}

A client that came after the last look is not known to the successor: it notices at its next packet, or by its own
time-out.
"""

from __future__ import annotations

import itertools
import math
import socket
import threading
from collections.abc import Iterable
from typing import Any

from relevo.agent.connections import Connection, established, family_of

WHOLE_SECONDS = 30.0  # what was lost on the way to a peer is made good after this
MOST = 50_000  # connections, in what we tell and in what we hear
LONGEST = 1 << 22  # bytes of a message as one line of JSON: 50,000 of the longest connections and some room
_MOST_PORT = 65_535

Message = dict[str, Any]


class Clients:
    """Who is connected here, told to the peers; and who was connected to each peer.

    `survey` may run in a thread of its own (one at a time); everything may be called meanwhile.
    """

    def __init__(self, *vips: str) -> None:
        """Take the virtual IPs whose connections matter, one of each family at most."""
        self._vips = vips
        self._lock = threading.Lock()
        self._told: frozenset[Connection] | None = None  # None: the whole list is due
        self._whole_at = -math.inf
        self._reign = 0  # which time it is that this node holds the virtual IP
        self._heard: dict[str, set[Connection]] = {}
        self._ended: frozenset[Connection] = frozenset()  # our own, which ended when this node let go
        self._last = ""  # the peer that spoke last: the holder, or the one before us

    def survey(self, now: float) -> Message | None:
        """Look who is connected, and return what to tell the peers; None when nothing has changed.

        For the holder; `now` is on the monotonic clock, in seconds. Raises OSError when the kernel doesn't say.
        """
        reign = self._reign
        found = established(*self._vips)
        with self._lock:
            return self._news(found, now) if reign == self._reign else None  # else it is no longer ours to tell

    def whole_next(self) -> None:
        """Tell the whole list next time: a peer is new, or may have missed something."""
        with self._lock:
            self._told = None

    def left(self) -> None:
        """Forget the own list: this node has let go of the virtual IP. The next reign begins with a whole list."""
        with self._lock:
            self._ended = self._told or frozenset()
            self._told = None
            self._reign += 1

    def heard(self, peer: str, message: object) -> None:
        """Keep what a peer that holds the virtual IP says.

        Raises ValueError when it is nonsense; then what it said before stands.
        """
        said = message.get("clients") if isinstance(message, dict) and len(message) == 1 else None
        if not isinstance(said, dict) or said.keys() not in ({"all"}, {"new", "gone"}):
            raise ValueError("not a message about clients")
        if "all" in said:
            self._keep(peer, self._read(said["all"]))
        else:
            new, gone = self._read(said["new"]), self._read(said["gone"])
            self._keep(peer, (self._heard.get(peer, set()) - gone) | new)

    def take_over(self) -> tuple[Connection, ...]:
        """Return whom to wake by `tickle.wake_all`: who was connected to the previous holder, and to us before it.

        When the virtual IP comes back within a moment, nobody has told those yet that their connections have ended.
        """
        with self._lock:
            ended, self._ended = self._ended, frozenset()
        return tuple(ended | self._heard.get(self._last, set()))

    def _news(self, found: frozenset[Connection], now: float) -> Message | None:
        before = self._told
        self._told = current = _bounded(found, before or frozenset())
        if before is None or now - self._whole_at >= WHOLE_SECONDS:
            self._whole_at = now
            return {"clients": {"all": _rows(current)}}
        if current == before:
            return None
        return {"clients": {"new": _rows(current - before), "gone": _rows(before - current)}}

    def _keep(self, peer: str, connections: set[Connection]) -> None:
        if len(connections) > MOST:
            raise ValueError("more clients than there can be")
        self._heard[peer] = connections
        self._last = peer

    def _read(self, rows: object) -> set[Connection]:
        if not isinstance(rows, list) or len(rows) > MOST:
            raise ValueError("not a list of clients")
        return {_connection(row) for row in rows}


def _connection(row: object) -> Connection:
    """Return a row of a message as a connection, of either family: a peer may have IPv6 before or after us.

    Raises ValueError when it is none.
    """
    if not isinstance(row, list) or len(row) != 3:  # noqa: PLR2004 - address and two ports
        raise ValueError("not a client")
    client, *ports = row
    if not _is_address(client) or not all(type(port) is int and 0 < port <= _MOST_PORT for port in ports):
        raise ValueError("not a client's address and ports")
    return Connection(client, *ports)


def _is_address(text: object) -> bool:
    """Tell whether it is an address, in the one form that `established` gives it."""
    if not isinstance(text, str) or not text.isascii():
        return False
    family = family_of(text)
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, text)) == text
    except (OSError, ValueError):  # the latter: a NUL in it
        return False


def _bounded(found: frozenset[Connection], before: frozenset[Connection]) -> frozenset[Connection]:
    """Return at most as many as a peer accepts, those that it knows already first."""
    if len(found) <= MOST:
        return found
    known = found & before
    return known | frozenset(itertools.islice(found - known, MOST - len(known)))


def _rows(connections: Iterable[Connection]) -> list[list[str | int]]:
    return [[one.client, one.client_port, one.port] for one in connections]
