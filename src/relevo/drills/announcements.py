"""When the virtual IP moves: heard on the wire, where each machine that takes an address tells its neighbours so.

The source is RFC 826's packet with the sender's own address in it, which keepalived broadcasts (gratuitous ARP).
"""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import IPv4Address
from typing import NamedTuple, Self

from relevo.drills.waiting import NotHere
from relevo.i18n import _

_ARP = 0x0806  # EtherType, IEEE 802
_SOURCE, _SENDER = slice(6, 12), slice(28, 32)  # of an Ethernet frame: who sent it; the address that it speaks of
_LONGEST = 256  # bytes of a frame that are looked at
_LOOK_SECONDS = 0.5


class Heard(NamedTuple):
    """An announcement: when, in seconds since 1970 by our clock, and the hardware address of who has it then."""

    at: float
    mac: bytes


class Announcements:
    """All announcements of an address while this is open as a context manager."""

    def __init__(self, address: str) -> None:
        """Take the address; raise NotHere for who may not listen to the wire."""
        self._address = IPv4Address(address).packed
        try:
            self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP))
        except PermissionError:
            raise NotHere(_("only root may listen to the wire: run the drill with sudo")) from None
        self._wire.settimeout(_LOOK_SECONDS)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="announcements", daemon=True)
        self.heard: list[Heard] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_about: object) -> None:
        self._over.set()
        self._thread.join()
        self._wire.close()

    def moved(self, since: float) -> float | None:
        """Return when another machine than the last one before `since` first said that it has the address."""
        before = [heard.mac for heard in self.heard if heard.at <= since]
        after = [heard for heard in self.heard if heard.at > since]
        return next((heard.at for heard in after if before and heard.mac != before[-1]), None)

    def take(self, frame: bytes, at: float) -> None:
        """Note a frame that came, if it is an announcement of the address."""
        if frame[_SENDER] == self._address:
            self.heard.append(Heard(at, frame[_SOURCE]))

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                frame = self._wire.recv(_LONGEST)
            except TimeoutError:
                continue
            self.take(frame, time.time())
