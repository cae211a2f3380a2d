"""The packet that wakes a client. That a client's kernel takes it so is shown in tests/integration/test_tickle.py."""

from __future__ import annotations

import socket

from relevo.agent import tickle
from relevo.agent.connections import Connection
from relevo.agent.tickle import checksum, packet


def test_the_checksum_is_that_of_the_rfc():
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D  # RFC 1071 section 3: the sum is ddf2
    assert checksum(bytes(20)) == 0xFFFF
    assert checksum(b"\xff" * 20) == 0


def test_the_packet_is_a_bare_ack_from_the_virtual_ip():
    made = packet("192.0.2.1", Connection("192.0.2.50", 50_000, 143))
    # By hand: c000+0201+c000+0232 (addresses) +0006+0014 (TCP, 20 bytes) +008f+c350 (ports) +5010+04d2 = 29d0e,
    # folded 9d10, inverted 62ef.
    assert made == bytes.fromhex("008f c350 00000000 00000000 5010 04d2 62ef 0000")


def test_the_packet_of_ipv6_sums_up_over_its_own_pseudo_header():
    vip, client = "fd00:100::100", "fd00:100::50"
    made = packet(vip, Connection(client, 50_000, 143))
    # RFC 8200 section 8.1: addresses, length in 4 bytes, 3 zeros, next header.
    addresses = socket.inet_pton(socket.AF_INET6, vip) + socket.inet_pton(socket.AF_INET6, client)
    assert checksum(addresses + (20).to_bytes(4, "big") + bytes(3) + b"\6" + made) == 0


def test_the_repeat_comes_when_the_client_may_answer_again():
    assert tickle.AGAIN_SECONDS - tickle.ANNOUNCED_SECONDS > 0.5
