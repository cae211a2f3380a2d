"""IPv6 beside IPv4 in network namespaces: gate, wake-up and handover, with the rendered tables and real kernels.

    client ── bridge ──┬── first    mail01: has the virtual IPs and the connections, then loses them
                       └── second   mail02: gets them
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.integration.namespaces import inside

from relevo.agent.barriers import Barriers, run
from relevo.agent.clients import Clients
from relevo.agent.passage import Passage, Six
from relevo.agent.tickle import AGAIN_SECONDS
from relevo.agent.wakeup import Wakeup
from relevo.cluster.model import Cluster
from relevo.cluster.secrets import Secrets
from relevo.cluster.wires import handover_hop
from relevo.services.base import Context, NodeFacts, Release
from relevo.services.fence.render import tables
from relevo.services.fence.settings import GATE_FILE, HANDOVER_FILE

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces and raw sockets need root"),
    pytest.mark.skipif(shutil.which("nft") is None, reason="needs nft (nftables)"),
]

VIP, VIP6, NETWORK6 = "192.168.100.100", "fd00:100::100", "fd00:100::/64"
FIRST, SECOND = "mail01", "mail02"
SMTP, IMAP, LMTP = 25, 143, 24
SILENCE = 0.4  # seconds
_UNSOLICITED, _OVERRIDE, _TARGET_ADDRESS = 136, 0x20000000, 2  # neighbour advertisement, RFC 4861 section 4.4


class Network:
    """Two mail nodes and a client on a bridge; the first node has the virtual IPs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client, self.first, self.second = (f"ip6t-{os.getpid()}-{name}" for name in ("c", FIRST, SECOND))
        self.names = {FIRST: self.first, SECOND: self.second}

    def up(self) -> None:
        for name in (self.client, self.first, self.second):
            run(["ip", "netns", "add", name])
            run(["ip", "-n", name, "link", "set", "lo", "up"])
        run(["ip", "-n", self.client, "link", "add", "bridge", "type", "bridge", "mcast_snooping", "0"])
        run(["ip", "-n", self.client, "link", "set", "bridge", "up"])
        addresses(self.client, "bridge", "192.168.100.50/24", "fd00:100::50/64")
        for port, node, address in (("first", self.first, 11), ("second", self.second, 12)):
            run(["ip", "-n", self.client, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", node])
            run(["ip", "-n", self.client, "link", "set", port, "master", "bridge", "up"])
            run(["ip", "-n", node, "link", "set", "eth0", "up"])
            addresses(node, "eth0", f"192.168.100.{address}/24")
            with inside(node):
                for name, value in (("arp_ignore", "1"), ("arp_announce", "2")):
                    Path(f"/proc/sys/net/ipv4/conf/all/{name}").write_text(value)
        addresses(self.first, "eth0", f"{VIP}/24", f"{VIP6}/64")
        time.sleep(2)  # before that the nodes have no link-local address from which they could look for neighbours

    def down(self) -> None:
        for name in (self.client, self.first, self.second):
            subprocess.run(["ip", "netns", "del", name], check=False, timeout=10)

    def load(self, node: str, path: str) -> None:
        """Load a table as it is rendered for that node."""
        file = self.folder / f"{node}-{Path(path).name}"
        file.write_text(next(table for table in tables(context(node)) if table.path == path).data.decode())
        self.run_on(node, ["nft", "--file", str(file)])

    def run_on(self, node: str, command: Sequence[str]) -> str:
        with inside(self.names[node]):
            return run(command)

    def passage(self, node: str) -> Passage:
        six = Six(VIP6, NETWORK6, "eth0", handover_hop(context(node).node))
        return Passage(VIP, (str(SMTP),), str(LMTP), run=lambda command: self.run_on(node, command), six=six)

    def move(self) -> None:
        """Move both virtual IPs as keepalived does: away, added without duplicate address detection, announced."""
        for address in (f"{VIP}/24", f"{VIP6}/64"):
            run(["ip", "-n", self.first, "address", "delete", address, "dev", "eth0"])
        addresses(self.second, "eth0", f"{VIP}/24", f"{VIP6}/64")
        with inside(self.second):
            announce()


def context(node: str) -> Context:
    text = files("relevo.cluster").joinpath("example.toml").read_text()
    cluster = Cluster.model_validate(tomllib.loads(text.replace('# vip6 = ""', f'vip6 = "{VIP6}/64"')))
    assert cluster.vip6 == VIP6
    secrets = Secrets(**dict.fromkeys(Secrets.model_fields, SecretStr("")))
    facts = NodeFacts(Release("debian", "13"), interface="eth0", memory_mb=4096, cpus=2)
    return Context(cluster, secrets, cluster.nodes[node], facts)


def addresses(namespace: str, link: str, *wanted: str) -> None:
    for address in wanted:
        more = ["nodad"] if ":" in address else []
        run(["ip", "-n", namespace, "address", "add", address, "dev", link, *more])


def announce() -> None:
    """Tell all neighbours by ARP and by an unsolicited advertisement that the virtual IPs are here."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("eth0", 0))
        mac, address = raw.getsockname()[4], socket.inet_aton(VIP)
        body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + address + bytes(6) + address
        raw.send(b"\xff" * 6 + mac + b"\x08\x06" + body)
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex("eth0"))
        raw.bind((VIP6, 0))
        target = socket.inet_pton(socket.AF_INET6, VIP6)
        raw.sendto(struct.pack("!BBHI", _UNSOLICITED, 0, 0, _OVERRIDE) + target + bytes([_TARGET_ADDRESS, 1]) + mac,
                   ("ff02::1", 0))


def family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(stack: ExitStack, namespace: str, vip: str, port: int) -> socket.socket:
    """Listen on all addresses, as the daemons do."""
    with inside(namespace):
        server = socket.create_server(("::" if ":" in vip else "", port), family=family(vip))
    server.settimeout(2)
    return stack.enter_context(server)


def connect(stack: ExitStack, net: Network, vip: str, port: int, within: float = SILENCE) -> socket.socket:
    with inside(net.client):
        return stack.enter_context(socket.create_connection((vip, port), timeout=within))


def arrives(session: socket.socket, within: float) -> bool:
    """Tell whether the other side says something in time."""
    session.settimeout(within)
    try:
        return bool(session.recv(99))
    except TimeoutError:
        return False


def talks(client: socket.socket, server: socket.socket, within: float = 2.0) -> bool:
    """Send a byte each way."""
    try:
        for one, other in ((client, server), (server, client)):
            one.settimeout(within)
            other.settimeout(within)
            one.sendall(b"x")
            if other.recv(1) != b"x":
                return False
    except OSError:
        return False
    return True


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Network]:
    made = Network(tmp_path)
    try:
        made.up()
        yield made
    finally:
        made.down()


def test_the_gate_hears_nothing_by_ipv6_until_it_opens(net: Network):
    net.load(FIRST, GATE_FILE)
    gate = Barriers(VIP, (), str(net.folder), run=lambda command: net.run_on(FIRST, command), vip6=VIP6)
    with ExitStack() as stack:
        imap, smtp = (listen(stack, net.first, VIP6, port) for port in (IMAP, SMTP))
        assert not gate.gate_is_open()
        client = connect(stack, net, VIP6, IMAP)
        server = stack.enter_context(imap.accept()[0])
        assert talks(server, client, SILENCE) is False, "it is greeted, and not heard"
        taken = connect(stack, net, VIP6, SMTP)  # mail is taken
        assert talks(taken, stack.enter_context(smtp.accept()[0]))

        gate.open_gate()
        gate.open_gate()
        assert gate.gate_is_open()
        assert server.recv(1) == b"x", "its kernel says it again"
        assert talks(client, server)

        gate.close_gate()
        assert not gate.gate_is_open()
        assert not talks(client, server, SILENCE)
        assert server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0, "it is there still, until:"
        assert gate.end_client_connections((str(IMAP),)) == 1
        assert server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        assert gate.end_client_connections() >= 1  # that of SMTP


def test_a_gate_that_was_open_before_there_was_ipv6_counts_as_open(net: Network):
    net.load(FIRST, GATE_FILE)
    net.run_on(FIRST, ["nft", "add", "element", "inet", "relevo_gate", "open", f"{{ {VIP} }}"])
    assert Barriers(VIP, (), "", run=lambda command: net.run_on(FIRST, command), vip6=VIP6).gate_is_open()


def test_idle_clients_of_both_families_are_woken(net: Network, capsys):
    woken: list[int] = []
    ended: dict[socket.socket, float] = {}
    with ExitStack() as stack:
        clients = []
        for vip in (VIP, VIP6):
            server = listen(stack, net.first, vip, IMAP)
            for _ in range(5):
                clients.append(connect(stack, net, vip, IMAP))
                stack.enter_context(server.accept()[0])
        first, second = Clients(VIP, VIP6), Wakeup((VIP, VIP6), frozenset({IMAP}), woken.append)
        with inside(net.first):
            second.clients.heard(FIRST, json.loads(json.dumps(first.survey(time.monotonic()))))
        second.took()

        def wait(client: socket.socket) -> None:
            client.settimeout(3)
            try:
                client.recv(1)
            except ConnectionResetError:
                ended[client] = time.monotonic()
            except TimeoutError:
                pass

        waiting = [threading.Thread(target=wait, args=(client,)) for client in clients]
        for one in waiting:
            one.start()
        run(["ip", "-n", net.client, "link", "set", "first", "down"])
        arrived = time.monotonic()
        addresses(net.second, "eth0", f"{VIP}/24", f"{VIP6}/64")
        with inside(net.second):
            announce()
            asyncio.run(second.wake(gate_open=True))
        for one in waiting:
            one.join()
    assert woken == [len(clients)]
    assert len(ended) == len(clients)
    slowest = max(ended.values()) - arrived
    with capsys.disabled():
        print(f"\n10 idle clients, 5 of each family, reset within {slowest * 1000:.0f} ms")  # noqa: T201
    assert slowest < AGAIN_SECONDS, "only the repeat did it"


def test_a_session_of_smtp_over_ipv6_ends_where_it_began(net: Network):
    for node in (FIRST, SECOND):
        net.load(node, GATE_FILE)
        net.load(node, HANDOVER_FILE)
    giver, receiver = net.passage(FIRST), net.passage(SECOND)
    before = net.run_on(FIRST, ["ip", "-6", "route", "show", "table", "all"])
    with ExitStack() as stack:
        old = {vip: listen(stack, net.first, vip, SMTP) for vip in (VIP, VIP6)}
        new = {vip: listen(stack, net.second, vip, SMTP) for vip in (VIP, VIP6)}
        clients = {vip: connect(stack, net, vip, SMTP) for vip in (VIP, VIP6)}
        sessions = {vip: stack.enter_context(old[vip].accept()[0]) for vip in (VIP, VIP6)}
        assert all(talks(clients[vip], sessions[vip]) for vip in (VIP, VIP6))
        assert len(giver.sessions()) == 2

        with inside(net.first):
            giver.keep_address()
        receiver.receive()
        net.move()
        assert {vip: talks(clients[vip], sessions[vip]) for vip in (VIP, VIP6)} == {VIP: True, VIP6: True}
        for vip in (VIP, VIP6) * 2:  # who comes anew comes to the new holder, and neighbours that ask find it
            fresh = connect(stack, net, vip, SMTP, within=2)
            run(["ip", "-n", net.client, "neighbour", "flush", "dev", "bridge"])
            assert talks(fresh, stack.enter_context(new[vip].accept()[0]))
            assert talks(clients[vip], sessions[vip])
        assert {session.peer.rpartition(":")[0] for session in giver.sessions()} == {"192.168.100.50", "fd00:100::50"}

        for vip in (VIP, VIP6):
            clients[vip].sendall(b"the end of a message")
            assert arrives(sessions[vip], within=2)
        giver.hear_nothing()
        for vip in (VIP, VIP6):
            sessions[vip].sendall(b"250 ")
            assert clients[vip].recv(4) == b"250 ", "the answer that is due goes out"
            clients[vip].sendall(b"MAIL")
            assert not arrives(sessions[vip], within=0.5)
        giver.hear_again()
        assert all(arrives(sessions[vip], within=5) for vip in (VIP, VIP6))

        giver.end_sessions(giver.sessions())
        assert giver.sessions() == ()
        receiver.stop_receiving()
        giver.drop_address()
        giver.drop_address()
    left = net.run_on(FIRST, ["ip", "-6", "route", "show", "table", "all"])
    assert not [line for line in left.splitlines() if "fd00:100:" in line or "c0a8:640b" in line], left
    assert "fd00:100:" in before
    assert "fd00:100:" not in net.run_on(FIRST, ["ip", "-6", "address", "show"])


def test_a_node_that_gets_the_address_back_while_it_still_keeps_it_serves(net: Network):
    net.load(FIRST, GATE_FILE)
    net.load(FIRST, HANDOVER_FILE)
    giver = net.passage(FIRST)
    with inside(net.first):
        giver.keep_address()
    for address in (f"{VIP}/24", f"{VIP6}/64"):
        run(["ip", "-n", net.first, "address", "delete", address, "dev", "eth0"])
    addresses(net.first, "eth0", f"{VIP}/24", f"{VIP6}/64")
    giver.drop_address()
    with ExitStack() as stack:
        for vip in (VIP, VIP6):
            server = listen(stack, net.first, vip, SMTP)
            assert talks(connect(stack, net, vip, SMTP, within=2), stack.enter_context(server.accept()[0]))
