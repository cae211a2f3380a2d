"""Does this node hold the virtual IP? Asked of the kernel by netlink (rtnetlink(7)), which tells of every change.

keepalived's own word is not enough: killed with SIGKILL it says nothing and leaves the address behind. A copy of the
address on lo (`relevo.agent.handover`) does not count.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator

_RTMGRP_IPV4_IFADDR = 0x10
_RTM_NEWADDR, _RTM_DELADDR, _RTM_GETADDR = 20, 21, 22
_NLM_F_REQUEST_DUMP = 0x301
_IFA_LOCAL = 2
_HEADER, _IFADDRMSG = 16, 8
_INDEX = 4  # offset of the interface's number in struct ifaddrmsg
LOOPBACK = 1  # lo, always


class Holder:
    """Whether the virtual IP is on this machine, kept up to date by the kernel."""

    def __init__(self, vip: str, changed: Callable[[bool], None], *, not_on: int = LOOPBACK) -> None:
        """Follow that address; `changed(holds)` is called after each change. On interface `not_on` it doesn't count."""
        self._not_on = not_on
        self._vip = socket.inet_aton(vip)
        self._changed = changed
        self.holds = False
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._socket.bind((0, _RTMGRP_IPV4_IFADDR))

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to follow, with the state of now."""
        loop.add_reader(self._socket, self._read)
        self.ask()

    def ask(self) -> None:
        """Ask the kernel for all addresses: after a start, and when messages were lost."""
        family = struct.pack("=BBBBI", socket.AF_INET, 0, 0, 0, 0)
        length = _HEADER + len(family)
        self._socket.send(struct.pack("=IHHII", length, _RTM_GETADDR, _NLM_F_REQUEST_DUMP, 1, 0) + family)

    def _read(self) -> None:
        try:
            data = self._socket.recv(1 << 17)
        except BlockingIOError:
            return
        except OSError:  # ENOBUFS: messages were lost
            self.ask()
            return
        for kind, address, interface in addresses(data):
            if address == self._vip and interface != self._not_on:
                self._set(holds=kind == _RTM_NEWADDR)

    def _set(self, *, holds: bool) -> None:
        if holds is not self.holds:
            self.holds = holds
            self._changed(holds)


def addresses(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield message type, IPv4 address and interface of each message about an address."""
    at = 0
    while at + _HEADER <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        if length < _HEADER:
            return
        if kind in {_RTM_NEWADDR, _RTM_DELADDR} and length >= _HEADER + _IFADDRMSG <= len(data) - at:
            found = dict(_attributes(data, at + _HEADER + _IFADDRMSG, at + length))
            if _IFA_LOCAL in found:
                yield kind, found[_IFA_LOCAL], struct.unpack_from("=I", data, at + _HEADER + _INDEX)[0]
        at += (length + 3) & ~3


def _attributes(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= end:
        length, tag = struct.unpack_from("=HH", data, at)
        if length < 4:  # noqa: PLR2004 - shorter than its own header: damaged
            return
        yield tag, data[at + 4 : at + length]
        at += (length + 3) & ~3
