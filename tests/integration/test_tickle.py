"""An idle client learns of a takeover: real kernels' TCP in network namespaces, and a power cut between them.

    client ── bridge ──┬── first    has the virtual IP and the connections, then its cable is dead
                       └── second   gets the virtual IP, wakes the clients
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import socket
import statistics
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from tests.integration.namespaces import inside

from relevo.agent import tickle
from relevo.agent.clients import Clients
from relevo.agent.connections import Connection
from relevo.agent.tickle import AGAIN_SECONDS, Tickler, wake_all

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces and raw sockets need root"),
    pytest.mark.skipif(shutil.which("ip") is None, reason="needs ip (iproute2)"),
]
CLIENTS = 20
PORT = 143


@dataclass(frozen=True)
class Net:
    """The names of the three namespaces."""

    client: str
    first: str
    second: str


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=10)


@pytest.fixture
def net() -> Iterator[Net]:
    made = Net(*(f"relevo-tickle-{os.getpid()}-{name}" for name in ("client", "first", "second")))
    names = (made.client, made.first, made.second)
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", made.client, "link", "add", "bridge", "type", "bridge")
        ip("-n", made.client, "link", "set", "bridge", "up")
        addresses(made.client, "bridge", "192.0.2.50/24", "2001:db8::50/64")
        for node, port, last in ((made.first, "first", 11), (made.second, "second", 12)):
            ip("-n", made.client, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", node)
            ip("-n", made.client, "link", "set", port, "master", "bridge", "up")
            ip("-n", node, "link", "set", "eth0", "up")
            addresses(node, "eth0", f"192.0.2.{last}/24", f"2001:db8::{last}/64")
        yield made
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=10)


def addresses(namespace: str, link: str, *wanted: str) -> None:
    for address in wanted:
        more = ["nodad"] if ":" in address else []  # else IPv6 waits for a second
        ip("-n", namespace, "addr", "add", address, "dev", link, *more)


def announce(vip: str) -> None:
    """Send a gratuitous ARP, as keepalived does. IPv6 needs none here: who asks for an address tells its own."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("eth0", 0))
        mac, address = raw.getsockname()[4], socket.inet_aton(vip)
        body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + address + bytes(6) + address
        raw.send(b"\xff" * 6 + mac + b"\x08\x06" + body)


class Idle(threading.Thread):
    """A client that has nothing to say and waits for the server."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(daemon=True)
        self._connection = connection
        self.reset_at: float | None = None

    def run(self) -> None:
        try:
            self._connection.recv(1)
        except ConnectionResetError:
            self.reset_at = time.monotonic()
        except TimeoutError:
            pass


def connect(stack: ExitStack, net: Net, vip: str) -> list[Idle]:
    with inside(net.first):
        server = stack.enter_context(socket.create_server((vip, PORT), family=family(vip)))
    clients = []
    for _ in range(CLIENTS):
        with inside(net.client):
            made = stack.enter_context(socket.create_connection((vip, PORT), timeout=5))
        stack.enter_context(server.accept()[0])
        clients.append(Idle(made))
    return clients


def family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@pytest.mark.parametrize("vip", ["192.0.2.100", "2001:db8::100"])
def test_idle_clients_are_reset_after_a_power_cut(net: Net, vip: str, capsys):
    with ExitStack() as stack:
        # given: clients that are connected to the first node, which has told the second one of them
        addresses(net.first, "eth0", f"{vip}/128" if ":" in vip else f"{vip}/32")
        clients = connect(stack, net, vip)
        first, second = Clients(vip), Clients(vip)
        with inside(net.first):
            second.heard("first", json.loads(json.dumps(first.survey(time.monotonic()))))
        assert len(second.take_over()) == CLIENTS
        for client in clients:
            client.start()

        # when: the first node is gone without a word, and the second one gets its address
        ip("-n", net.client, "link", "set", "first", "down")
        addresses(net.second, "eth0", f"{vip}/128" if ":" in vip else f"{vip}/32")
        arrived = time.monotonic()
        with inside(net.second):
            if ":" not in vip:
                announce(vip)
            sent = asyncio.run(wake_all(Tickler(vip), second.take_over()))

        # then: each client's read fails at once, not at its own time-out
        for client in clients:
            client.join(timeout=2)
        assert sent == CLIENTS
        assert all(client.reset_at for client in clients), "a client still waits"
        took = [client.reset_at - arrived for client in clients]
    with capsys.disabled():
        print(f"\n{vip}: {CLIENTS} idle clients reset {min(took) * 1000:.1f} to {max(took) * 1000:.1f} ms "  # noqa: T201
              f"(median {statistics.median(took) * 1000:.1f}) after the address came")
    assert max(took) < AGAIN_SECONDS, "only the repeat did it"


def test_a_client_that_can_not_be_reached_does_not_stop_the_others():
    tickler = Tickler("127.0.77.1")
    clients = [
        Connection("127.0.77.50", 9, 9),
        Connection("255.255.255.255", 9, 9),  # EACCES: a broadcast
        Connection("no address", 9, 9),
        Connection("127.0.77.51", 9, 9),
    ]
    try:
        assert tickler.wake(clients) == 2
    finally:
        tickler.close()


def test_without_the_virtual_ip_nothing_is_sent():
    tickler = Tickler("192.0.2.1")
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the number says more than any text
        asyncio.run(wake_all(tickler, [Connection("127.0.77.50", 9, 9)]))
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_many_clients_leave_the_event_loop_free_and_the_socket_is_closed(monkeypatch):
    monkeypatch.setattr(tickle, "ANNOUNCED_SECONDS", 0)
    monkeypatch.setattr(tickle, "AGAIN_SECONDS", 0)
    tickler = Tickler("127.0.77.1")
    turns = 0

    async def main() -> int:
        nonlocal turns
        waking = asyncio.create_task(wake_all(tickler, [Connection("127.0.77.50", 9, port) for port in range(1, 1001)]))
        while not waking.done():
            turns += 1
            await asyncio.sleep(0)
        return await waking

    assert asyncio.run(main()) == 1000
    assert turns >= 2 * 1000 / tickle.BATCH
    assert tickler._socket is None  # noqa: SLF001 - left open it would cost a little for every packet, for ever
