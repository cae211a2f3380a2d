"""Wakes the idle clients of the node that had the virtual IP before: the "tickle ACK" of Samba's CTDB.

An idle client notices nothing of a takeover. A bare ACK with numbers that can't be right makes its kernel answer with
an ACK of its own (RFC 9293 section 3.10.7.4); ours knows no such connection and answers with a reset; the client's
program sees that and connects anew, to us.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import time
from collections.abc import Iterable, Sequence

from relevo.agent.connections import Connection, family_of, packed

log = logging.getLogger(__name__)
# How long the virtual IP has been here when we send. At once is too early: the announcement of its new place (ARP, NA)
# is not always out yet, so that the client's answer goes to the dead node.
ANNOUNCED_SECONDS = 0.03
# And when we send once more, for what was lost. A client answers such packets every 500 ms at most for a connection
# (net.ipv4.tcp_invalid_ratelimit), so a repeat within that time after the first would be wasted.
AGAIN_SECONDS = 0.65
BATCH = 100  # packets between two turns of the event loop, which 5,000 would hold up for 0.1 s

_ACK = 0x10
_DATA_OFFSET = 5 << 4  # 5 words of 4 bytes: no options
_WINDOW = 1234
_MOST_WAITING = 1 << 25  # bytes that may wait for the neighbours' addresses: 50,000 packets, each counted as 768
_LEAST = 1  # the kernel makes its minimum of it, 2,304 bytes
_SO_SNDBUFFORCE = 32  # beyond net.core.wmem_max; Python's socket module lacks the name


class Tickler:
    """Sends from the virtual IP; needs CAP_NET_RAW, and the virtual IP on this machine."""

    def __init__(self, vip: str) -> None:
        """Take the address to send from; nothing is opened yet."""
        self._vip = vip
        self._socket: socket.socket | None = None

    def wake(self, connections: Iterable[Connection]) -> int:
        """Send every client one packet and return how many could be sent; one that can't be reached stops nothing.

        Raises OSError when the virtual IP is not on this machine, or when we may not send like this.
        """
        raw = self._raw()
        sent, failed, last = 0, 0, None
        for connection in connections:
            try:
                raw.sendto(packet(self._vip, connection), (connection.client, 0))
                sent += 1
            except OSError as error:
                failed, last = failed + 1, error
        if failed:
            log.warning("%d clients could not be woken, the last one: %s", failed, last)
        return sent

    def close(self) -> None:
        """Close the socket: while it is open, the kernel offers it a copy of every packet to the virtual IP."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _raw(self) -> socket.socket:
        if self._socket is None:
            self._socket = _open(self._vip)
        return self._socket


async def wake_all(tickler: Tickler, connections: Sequence[Connection]) -> int:
    """Wake the clients in the right moments; call it as soon as the virtual IP is here.

    Return how many packets were sent the first time; then the socket is closed. Raises OSError as `Tickler.wake` does.
    """
    arrived = time.monotonic()
    try:
        await asyncio.sleep(ANNOUNCED_SECONDS)
        sent = await _in_batches(tickler, connections)
        log.info("%d of %d clients woken in %.3f s", sent, len(connections), time.monotonic() - arrived)
        await asyncio.sleep(arrived + AGAIN_SECONDS - time.monotonic())
        await _in_batches(tickler, connections)
    finally:
        tickler.close()
    return sent


async def _in_batches(tickler: Tickler, connections: Sequence[Connection]) -> int:
    sent = 0
    for start in range(0, len(connections), BATCH):
        sent += tickler.wake(connections[start : start + BATCH])
        await asyncio.sleep(0)
    return sent


def packet(vip: str, connection: Connection) -> bytes:
    """Return the TCP segment, without IP header: a bare ACK with sequence and acknowledgement numbers 0."""
    ports = connection.port, connection.client_port
    header = struct.pack("!HHIIBBHHH", *ports, 0, 0, _DATA_OFFSET, _ACK, _WINDOW, 0, 0)
    # The pseudo header of RFC 9293 section 3.1. That of IPv6 (RFC 8200 section 8.1) has the same numbers in wider
    # fields, which come to the same sum.
    pseudo = packed(vip) + packed(connection.client) + struct.pack("!HH", socket.IPPROTO_TCP, len(header))
    return header[:16] + struct.pack("!H", checksum(pseudo + header)) + header[18:]


def checksum(data: bytes) -> int:
    """Return the Internet checksum of an even number of bytes (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _open(vip: str) -> socket.socket:
    raw = socket.socket(family_of(vip), socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_TCP)
    try:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LEAST)  # nothing is ever read from it
        with contextlib.suppress(PermissionError):  # a container without CAP_NET_ADMIN: the default has room for 270
            raw.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, _MOST_WAITING)
        raw.bind((vip, 0))
    except OSError:
        raw.close()
        raise
    return raw
