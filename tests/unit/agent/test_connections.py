"""The kernel's list of connections: captured answers, and the kernel itself on loopback."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from relevo.agent.connections import Connection, established, parse

VIP = "127.0.77.1"
# Captured on Linux 6.18: three sockets of IPv4 (our end of a connection, and the client's ends of a mapped one and of
# that one) ...
V4 = bytes.fromhex(
    "7c0000001400020001000000816c000002010000846f9c417f004d010000000000000000000000007f004d32000000000000000000000000"
    "00000000db110000000000000000000000000000000000000000000084a85b00050008000000000008000f00000000000c00150001000000"
    "0000000006001600520000007c0000001400020001000000816c0000020100009c4293737f004d330000000000000000000000007f004d01"
    "00000000000000000000000000000000dc110000000000000000000000000000000000000000000085a85b00050008000000000008000f00"
    "000000000c001500010000000000000006001600520000007c0000001400020001000000816c0000020100009c41846f7f004d3200000000"
    "00000000000000007f004d0100000000000000000000000000000000dd110000000000000000000000000000000000000000000083a85b00"
    "050008000000000008000f00000000000c00150001000000000000000600160052000000"
)
# ... three of IPv6: our end of the mapped one, and both ends of one over ::1 ...
V6 = bytes.fromhex(
    "7c0000001400020001000000816c00000a01000093739c4200000000000000000000ffff7f004d0100000000000000000000ffff7f004d33"
    "00000000de110000000000000000000000000000000000000000000086a85b00050008000000000008000f00000000000c00150001000000"
    "0000000006001600120000007c0000001400020001000000816c00000a01000093739c430000000000000000000000000000000100000000"
    "00000000000000000000000100000000df110000000000000000000000000000000000000000000088a85b00050008000000000008000f00"
    "000000000c001500010000000000000006001600120000007c0000001400020001000000816c00000a0100009c4393730000000000000000"
    "00000000000000010000000000000000000000000000000100000000e0110000000000000000000000000000000000000000000087a85b00"
    "050008000000000008000f00000000000c00150001000000000000000600160012000000"
)
# ... and the end of each answer.
DONE = bytes.fromhex("140000000300020001000000816c000000000000")


def failing(kind: int, number: int) -> bytes:
    return struct.pack("=IHHIIi", 20, kind, 2, 1, 0, number)


@pytest.mark.parametrize(("answer", "vip", "expected"), [
    ([V4, DONE], VIP, [Connection("127.0.77.50", 40001, 33903)]),
    ([V6, DONE], VIP, [Connection("127.0.77.51", 40002, 37747)]),
    ([V4 + DONE], "127.0.77.2", []),
    ([V6, V4, DONE], "::1", [Connection("::1", 40003, 37747), Connection("::1", 37747, 40003)]),
    ([DONE, V4], VIP, []),  # nothing is read beyond the end
], ids=["IPv4", "IPv4 on an IPv6 socket", "another address", "IPv6", "beyond the end"])
def test_the_answer_is_filtered_by_the_local_address(answer: list[bytes], vip: str, expected: list[Connection]):
    assert list(parse(answer, vip)) == expected


@pytest.mark.parametrize(("answer", "said"), [
    ([failing(2, -1)], "not permitted"),
    ([V4, failing(3, -12)], "allocate memory"),
    ([V4], "no end"),
    ([V4[:200]], "damaged"),
    ([struct.pack("=IHHII", 4, 20, 2, 1, 0)], "damaged"),
    ([struct.pack("=IHHII", 20, 20, 2, 1, 0) + b"\x02\1\0\0"], "damaged"),
], ids=["refused", "failed on the way", "cut between datagrams", "cut in a message", "no length", "no description"])
def test_an_answer_that_is_not_whole_is_an_error_and_no_short_list(answer: list[bytes], said: str):
    with pytest.raises(OSError, match=said):
        list(parse(answer, VIP))


@contextmanager
def connected(server: socket.socket, *clients: str) -> Iterator[set[Connection]]:
    """Connect to a server at the VIP from these addresses, and tell what its machine should see."""
    port = server.getsockname()[1]
    with server, ExitStack() as stack:
        seen = set()
        for client in clients:
            made = stack.enter_context(socket.create_connection((VIP, port), source_address=(client, 0)))
            stack.enter_context(server.accept()[0])
            seen.add(Connection(client, made.getsockname()[1], port))
        yield seen


def test_the_kernel_tells_of_clients_but_not_of_the_machines_talk_with_itself():
    with connected(socket.create_server((VIP, 0)), "127.0.77.50", VIP, "127.0.77.51") as seen:
        assert established(VIP) == {one for one in seen if one.client != VIP}
    assert established(VIP) == frozenset()


def test_a_server_on_all_addresses_of_both_families_is_seen_too():
    everywhere = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    with connected(everywhere, "127.0.77.50") as seen:
        assert established(VIP) == seen


def test_two_virtual_ips_are_looked_for_at_once():
    found = list(parse([V6, V4, DONE], VIP, "::1"))
    assert [one.client for one in found] == ["127.0.77.51", "::1", "::1", "127.0.77.50"]
