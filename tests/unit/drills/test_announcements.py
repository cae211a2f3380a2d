"""Who has the virtual IP says so to its neighbours; when another one begins to, it has moved."""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Address

import pytest

from relevo.deploy.shell import wait_until
from relevo.drills.announcements import Announcements, Heard
from relevo.drills.waiting import NotHere

VIP = "192.168.100.100"
ONE, OTHER, CLIENT = b"\x52\x00\x00\x00\x00\x01", b"\x52\x00\x00\x00\x00\x02", b"\x52\x00\x00\x00\x00\x09"


def packet(mac: bytes, address: str) -> bytes:
    """Return a gratuitous ARP reply as keepalived broadcasts it (RFC 826)."""
    spoken = IPv4Address(address).packed
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + mac + spoken + b"\xff" * 6 + spoken
    return b"\xff" * 6 + mac + struct.pack("!H", 0x0806) + arp


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Announcements:
    ours, _theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    monkeypatch.setattr("relevo.drills.announcements.socket.socket", lambda *_kind: ours)
    return Announcements(VIP)


def test_only_what_is_said_of_the_address_counts(wire):
    wire.take(packet(CLIENT, "192.168.100.50"), 1.0)
    wire.take(packet(ONE, VIP), 2.0)
    wire.take(b"short", 3.0)
    assert wire.heard == [Heard(2.0, ONE)]


def test_it_has_moved_when_another_machine_says_that_it_has_it(wire):
    wire.heard = [Heard(1.0, ONE), Heard(2.0, ONE), Heard(3.2, ONE)]
    assert wire.moved(3.0) is None, "the one that had it still does"
    wire.heard += [Heard(3.5, OTHER), Heard(3.6, OTHER), Heard(3.7, ONE)]
    assert wire.moved(3.0) == 3.5


def test_without_a_word_from_before_nobody_knows_who_had_it(wire):
    wire.heard = [Heard(3.5, OTHER)]
    assert wire.moved(3.0) is None


def test_a_frame_on_the_wire_is_heard(monkeypatch: pytest.MonkeyPatch):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    monkeypatch.setattr("relevo.drills.announcements.socket.socket", lambda *_kind: ours)
    with Announcements(VIP) as wire:
        theirs.send(packet(OTHER, VIP))
        theirs.send(packet(ONE, VIP))
        wait_until(lambda: len(wire.heard) == 2, within=5, what="both to be heard", every=0.01)
    assert [heard.mac for heard in wire.heard] == [OTHER, ONE]


def test_who_may_not_listen_is_told_so(monkeypatch: pytest.MonkeyPatch):
    def refused(*_kind: int) -> socket.socket:
        raise PermissionError

    monkeypatch.setattr("relevo.drills.announcements.socket.socket", refused)
    with pytest.raises(NotHere, match=r"sudo"):
        Announcements(VIP)
