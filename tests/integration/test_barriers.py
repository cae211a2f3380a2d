"""Fence and gate in two network namespaces of their own: the rendered tables, real connections, real `ss`."""

from __future__ import annotations

import os
import re
import select
import socket
import struct
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.integration.namespaces import inside

from relevo.agent.barriers import GATE_TABLE, BarrierError, Barriers, run
from relevo.cluster.model import Cluster
from relevo.cluster.ports import storage_ports
from relevo.cluster.secrets import Secrets
from relevo.services.base import Context, NodeFacts, Release
from relevo.services.fence.render import tables
from relevo.services.fence.settings import FENCE_FILE, GATE_FILE, KEPT_FOLDER

pytestmark = pytest.mark.integration

OURS, VIP, THEIRS = "192.168.100.12", "192.168.100.100", "192.168.100.11"  # mail02, which has taken the address over
BRICK, GALERA, SMTP, IMAP = 49160, 4567, 25, 143
SILENCE = 0.4  # seconds


@dataclass(frozen=True)
class Link:
    """Two connected sockets: ours and the other machine's."""

    ours: socket.socket
    theirs: socket.socket

    def passes(self) -> bool:
        """Send a byte each way."""
        try:
            for one, other in ((self.ours, self.theirs), (self.theirs, self.ours)):
                one.settimeout(SILENCE)
                other.settimeout(SILENCE)
                one.sendall(b"x")
                if other.recv(1) != b"x":
                    return False
        except OSError:
            return False
        return True

    def ended(self) -> bool:
        """Tell whether our kernel has ended our side."""
        return self.ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


class Machines:
    """This machine and another one, on a wire."""

    def __init__(self, folder: Path) -> None:
        self.here, self.there = (f"relevo-{who}-{os.getpid()}" for who in ("a", "b"))
        self.kept = folder / "fence.d"
        self.kept.mkdir()
        self.rules = {file.path: folder / Path(file.path).name for file in tables(_context())}
        for file in tables(_context()):
            self.rules[file.path].write_text(file.data.decode().replace(KEPT_FOLDER, str(self.kept)))
        ports = storage_ports(_context().cluster)
        self.barriers = Barriers(VIP, ports, str(folder), run=self.run)
        self._open: list[socket.socket] = []

    def up(self) -> None:
        for name in (self.here, self.there):
            run(["ip", "netns", "add", name])
            run(["ip", "-n", name, "link", "set", "lo", "up"])
        run(["ip", "-n", self.here, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", self.there])
        for name, addresses in ((self.here, (OURS, VIP)), (self.there, (THEIRS,))):
            for address in addresses:
                run(["ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0"])
            run(["ip", "-n", name, "link", "set", "eth0", "up"])
        self.load()

    def down(self) -> None:
        for one in self._open:
            one.close()
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "del", name], check=False, timeout=10)

    def run(self, command: Sequence[str]) -> str:
        """Run a command here; the tables' files are where this test has put them."""
        with inside(self.here):
            return run([str(self.rules.get(part, part)) for part in command])

    def load(self) -> None:
        """Load the files as the unit does, at boot and when it is reloaded."""
        for path in (GATE_FILE, FENCE_FILE):
            self.run(["nft", "--file", path])

    def reboot(self) -> None:
        self.run(["nft", "flush", "ruleset"])
        self.load()

    def dropped(self) -> int:
        """Return how many packets the closed gate has dropped."""
        said = self.run(["nft", "list", "chain", "inet", GATE_TABLE, "closed"])
        return int(re.findall(r"counter packets (\d+)", said)[-1])

    def listen(self, address: str, port: int) -> socket.socket:
        with inside(self.there if address == THEIRS else self.here):
            server = socket.create_server((address, port))
        self._open.append(server)
        return server

    def connect(self, server: socket.socket) -> Link:
        """Connect from the other side; raise TimeoutError when nothing answers."""
        address = server.getsockname()
        to_us = address[0] != THEIRS
        with inside(self.there if to_us else self.here):
            client = socket.create_connection(address, timeout=SILENCE)
        accepted, _ = server.accept()
        self._open += [client, accepted]
        return Link(accepted, client) if to_us else Link(client, accepted)

    def reaches(self, server: socket.socket) -> bool:
        try:
            return self.connect(server).passes()
        except (TimeoutError, ConnectionRefusedError):
            return False


def _context() -> Context:
    cluster = Cluster.model_validate(tomllib.loads(files("relevo.cluster").joinpath("example.toml").read_text()))
    secrets = Secrets(**dict.fromkeys(Secrets.model_fields, SecretStr("")))
    facts = NodeFacts(Release("debian", "13"), interface="eth0", memory_mb=4096, cpus=2)
    return Context(cluster, secrets, cluster.nodes["mail02"], facts)


def segment(options: bytes, flags: int, data: bytes) -> bytes:
    """Return a TCP segment from THEIRS:4000 to the virtual IP's IMAP, with its checksum (RFC 9293)."""
    offset = (20 + len(options)) // 4 << 12 | flags
    head = struct.pack("!HHIIHHHH", 4000, IMAP, 1, 1, offset, 1024, 0, 0) + options
    pseudo = socket.inet_aton(THEIRS) + socket.inet_aton(VIP) + struct.pack("!HH", 6, len(head + data))
    words = pseudo + head + data + bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return head[:16] + struct.pack("!H", checksum) + head[18:] + data


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    both = Machines(tmp_path)
    try:
        both.up()
        yield both
    finally:
        both.down()


def test_who_is_cut_off_has_no_storage_and_keeps_everything_else(machines: Machines):
    our_brick, their_brick = machines.listen(OURS, BRICK), machines.listen(THEIRS, BRICK + 1)
    galera = machines.connect(machines.listen(OURS, GALERA))
    as_server, as_client = machines.connect(our_brick), machines.connect(their_brick)
    assert as_server.passes()
    assert as_client.passes()
    machines.barriers.cut(THEIRS)
    assert machines.barriers.cut_now() == {THEIRS}
    assert as_server.ended()
    assert as_client.ended()
    assert not as_server.passes()
    assert not machines.reaches(our_brick)
    assert not machines.reaches(their_brick)
    assert not galera.ended()
    assert galera.passes()


def test_the_drop_alone_stops_what_is_under_way(machines: Machines):
    link = machines.connect(machines.listen(OURS, BRICK))
    machines.run(["nft", "add", "element", "inet", "relevo_fence", "cut", f"{{ {THEIRS} }}"])
    assert not link.passes()
    assert not link.ended()


def test_who_is_let_in_again_has_storage_again(machines: Machines):
    brick = machines.listen(OURS, BRICK)
    machines.barriers.cut(THEIRS)
    machines.barriers.cut(THEIRS)
    assert not machines.reaches(brick)
    machines.barriers.let_in(THEIRS)
    machines.barriers.let_in(THEIRS)
    assert machines.barriers.cut_now() == frozenset()
    assert machines.reaches(brick)
    assert list(machines.kept.iterdir()) == []


def test_a_reload_and_a_reboot_keep_the_fence(machines: Machines):
    brick = machines.listen(OURS, BRICK)
    machines.barriers.cut(THEIRS)
    machines.load()
    assert machines.barriers.cut_now() == {THEIRS}
    assert not machines.reaches(brick)
    machines.reboot()
    assert machines.barriers.cut_now() == {THEIRS}
    assert not machines.reaches(brick)
    machines.barriers.let_in(THEIRS)
    machines.reboot()
    assert machines.reaches(brick)


def test_tables_that_somebody_flushed_are_loaded_when_they_are_needed(machines: Machines):
    machines.run(["nft", "flush", "ruleset"])
    with pytest.raises(BarrierError, match="No such file or directory"):
        machines.barriers.cut_now()
    machines.barriers.cut(THEIRS)
    assert machines.barriers.cut_now() == {THEIRS}
    machines.barriers.close_gate()
    assert not machines.barriers.gate_is_open()
    assert not machines.reaches(machines.listen(VIP, IMAP))


def test_a_closed_gate_keeps_new_connections_from_mailboxes_and_lets_mail_be_taken(machines: Machines):
    imap, smtp, own = machines.listen(VIP, IMAP), machines.listen(VIP, SMTP), machines.listen(OURS, IMAP)
    assert not machines.barriers.gate_is_open()
    assert not machines.reaches(imap)
    assert machines.reaches(smtp)
    assert machines.reaches(own)
    machines.barriers.open_gate()
    machines.barriers.open_gate()
    assert machines.barriers.gate_is_open()
    link = machines.connect(imap)
    assert link.passes()
    machines.barriers.close_gate()
    machines.barriers.close_gate()
    assert not link.passes()
    assert not link.ended()
    assert not machines.reaches(imap)
    assert machines.barriers.end_client_connections() >= 1
    assert link.ended()


def test_a_reload_keeps_the_gate_open_and_a_reboot_closes_it(machines: Machines):
    machines.barriers.open_gate()
    machines.load()
    assert machines.barriers.gate_is_open()
    machines.reboot()
    assert not machines.barriers.gate_is_open()


@pytest.mark.parametrize("words", [b"x", b"x" * 100_000], ids=["a byte", "many packets"])
def test_who_speaks_while_the_gate_is_closed_is_greeted_and_is_heard_when_it_opens(machines: Machines, words: bytes):
    server = machines.listen(VIP, IMAP)
    link = machines.connect(server)
    link.theirs.settimeout(SILENCE)
    link.ours.sendall(b"* OK")
    assert link.theirs.recv(9) == b"* OK"
    with ThreadPoolExecutor(1) as pool:
        link.theirs.settimeout(5)
        said = pool.submit(link.theirs.sendall, words)
        assert not select.select([link.ours], [], [], SILENCE)[0]
        machines.barriers.open_gate()
        link.ours.settimeout(3)
        heard = bytearray()
        while len(heard) < len(words):
            heard += link.ours.recv(1 << 16)
        said.result()
    assert heard == words


@pytest.mark.parametrize("options", [b"", bytes(4), b"\x01" * 36, b"\x01" * 40], ids=["none", "one", "many", "all"])
@pytest.mark.parametrize("pushed", [0, 8])
def test_not_one_byte_passes_however_it_is_wrapped(machines: Machines, options: bytes, pushed: int):
    server = machines.listen(VIP, IMAP)
    with inside(machines.there):
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    with raw:
        raw.bind((THEIRS, 0))
        for data, dropped in ((b"", 0), (b"a", 1), (b"a" * 300, 2)):
            raw.sendto(segment(options, 0x10 | pushed, data), (VIP, 0))
            assert within(1, lambda wanted=dropped: machines.dropped() >= wanted)
            assert machines.dropped() == dropped
    server.close()


def test_this_kernel_lets_us_end_connections(machines: Machines):
    with inside(machines.here):
        assert machines.barriers.can_end_connections()


def test_without_storage_ports_that_we_know_no_connection_is_ended(machines: Machines):
    link = machines.connect(machines.listen(OURS, BRICK))
    barriers = Barriers(VIP, (), str(machines.kept.parent), run=machines.run)
    assert barriers.end_storage_connections(THEIRS) == 0
    assert link.passes()
    machines.barriers.cut(THEIRS)
    assert within(2, link.ended)
