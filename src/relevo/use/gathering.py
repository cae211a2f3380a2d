"""What has come of the lines since the last turn: one entry a mailbox and device, however often it came. Pure."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address, ip_network
from typing import NamedTuple

from relevo.use.lines import PROGRAM_LENGTH, WEBMAIL, Changed, Event, Login, Named

_KEY_LENGTH = 32
_NAMING_SECONDS = 10  # so soon after its login a program says what it is
_MOST_NAMES = 10_000  # of sessions whose login has not come, and may never come: anybody can send one
_V4, _V6 = 24, 48  # bits: who comes from another address of one network is one device still


class Device(NamedTuple):
    """What a device is told apart by."""

    address: str
    protocol: str
    app: int | None
    program: str
    network: str

    @property
    def key(self) -> str:
        """What its row is found by."""
        parts = ("" if part is None else str(part) for part in self)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_KEY_LENGTH]


@dataclass
class Seen:
    """When it came, and from where the last time; microseconds since 1970."""

    first: int
    last: int
    client: str


@dataclass
class Box:
    """The last login to a mailbox, none when `at` is 0, and whether what is in it has changed."""

    at: int = 0
    protocol: str = ""
    client: str = ""
    changed: bool = False


@dataclass
class Gathered:
    """What is to be written."""

    boxes: dict[str, Box] = field(default_factory=dict)
    devices: dict[Device, Seen] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.boxes) + len(self.devices)


class Gathering:
    """Takes what the lines say; `ignored` are the platform's own mailboxes."""

    def __init__(self, ignored: Collection[str], most_devices: int) -> None:
        self._ignored, self._most_devices = ignored, most_devices
        self._gathered = Gathered()
        self._of_box: dict[str, int] = {}
        self._names: OrderedDict[str, str] = OrderedDict()
        self._open: OrderedDict[str, Login] = OrderedDict()

    def __len__(self) -> int:
        return len(self._gathered)

    def take(self, event: Event) -> None:
        """Take one."""
        if isinstance(event, Named):
            self._name(event)
        elif event.address not in self._ignored:
            box = self._gathered.boxes.setdefault(event.address, Box())
            if isinstance(event, Changed):
                box.changed = True
            else:
                self._log_in(box, event)

    def hand_over(self, now: int) -> Gathered:
        """Return all that is to be written, and begin anew; logins that may still be named stay here."""
        self._settle(now)
        gathered, self._gathered, self._of_box = self._gathered, Gathered(), {}
        return gathered

    def _log_in(self, box: Box, login: Login) -> None:
        if login.at >= box.at:
            box.at, box.protocol, box.client = login.at, login.protocol, login.client
        self._settle(login.at)
        program = self._names.pop(login.session, "")
        if login.session and not program:
            self._open[login.session] = login
        else:
            self._note(login, program)

    def _name(self, named: Named) -> None:
        if login := self._open.pop(named.session, None):
            self._note(login, named.program)
            return
        self._names[named.session] = named.program
        if len(self._names) > _MOST_NAMES:
            self._names.popitem(last=False)

    def _settle(self, now: int) -> None:
        """Note those that have not said what they are."""
        while self._open and next(iter(self._open.values())).at < now - _NAMING_SECONDS * 1_000_000:
            self._note(self._open.popitem(last=False)[1], "")

    def _note(self, login: Login, program: str) -> None:
        device = Device(
            login.address, login.protocol, login.app, program[:PROGRAM_LENGTH],
            "" if login.protocol == WEBMAIL else network(login.client),
        )
        if seen := self._gathered.devices.get(device):
            seen.first = min(seen.first, login.at)
            if login.at >= seen.last:
                seen.last, seen.client = login.at, login.client
        elif self._of_box.get(login.address, 0) < self._most_devices:
            self._of_box[login.address] = self._of_box.get(login.address, 0) + 1
            self._gathered.devices[device] = Seen(login.at, login.at, login.client)


def network(client: str) -> str:
    """Return the network that an address is in, as far as devices are told apart by it."""
    try:
        address = ip_address(client)
    except ValueError:
        return ""
    return str(ip_network((address, _V4 if isinstance(address, IPv4Address) else _V6), strict=False))
