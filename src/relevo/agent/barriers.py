"""The agent's hands on fence and gate: two tables of nftables (services/fence), and the end of connections by `ss -K`.

On the machine that serves the mail by NFS, whoever is cut off also loses the locks that it held there.

Every method blocks, for at most a few times COMMAND_SECONDS: call them in a thread. Each may be repeated: to cut off
who is cut off, or to open what is open, changes nothing. Standard library only.

The file of those cut off holds, at every moment, at least those in the kernel's set: after a reboot in the middle of
anything too many are cut off, never too few.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from relevo.agent import nfs_clients
from relevo.agent.pace import paced
from relevo.agent.quotas import Quotas

log = logging.getLogger(__name__)
COMMAND_SECONDS = paced(2.0)
FENCE_TABLE, FENCE_SET, FENCE_FILE = "relevo_fence", "cut", "/etc/relevo/fence.nft"  # wires.FENCE_TABLE, services/fence
GATE_TABLE, GATE_SET, GATE_FILE = "relevo_gate", "open", "/etc/relevo/gate.nft"  # wires.GATE_TABLE, services/fence
GATE_SET_6 = "open6"
KEPT_FILE = "fence.d/cut.nft"  # in the state folder; FENCE_FILE includes it
END = ("ss", "--kill", "--no-header", "--numeric", "--tcp")
_NOTICE = "# Made by the Relevo agent: machines whose storage traffic is dropped here, kept over a reboot.\n"
_LOOPBACK = "127.0.0.1"

Runner = Callable[[Sequence[str]], str]


class BarrierError(Exception):
    """A barrier could not be set, taken away or asked; the text is one sentence for the log."""


def run(command: Sequence[str]) -> str:
    """Run a command for at most COMMAND_SECONDS and return what it wrote to stdout; raise BarrierError if it fails."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=COMMAND_SECONDS, check=False,
        )
    except subprocess.TimeoutExpired:
        raise BarrierError(f"`{' '.join(command)}` took more than {COMMAND_SECONDS:g} s and was ended") from None
    except OSError as error:
        raise BarrierError(f"`{' '.join(command)}` could not be started: {error.strerror or error}") from None
    if done.returncode:
        raise BarrierError(f"`{' '.join(command)}` failed: {_complaint(done.stderr)}")
    return done.stdout


class Barriers:
    """Fence and gate of this machine."""

    def __init__(
        self, vip: str, storage_ports: Sequence[str], state_folder: str, run: Runner = run, *, vip6: str = "",
        quotas: Quotas | None = None, expire: Callable[[str], int] = nfs_clients.expire,
    ) -> None:
        """Take the virtual IP, the storage's ports (`2049` or `first:last`) and Relevo's state folder.

        `vip6`: the virtual IP of IPv6; empty when there is none.
        """
        self._vip = vip
        self._gate = {GATE_SET: vip, GATE_SET_6: vip6} if vip6 else {GATE_SET: vip}  # by the set that it opens
        self._quotas = quotas or Quotas()
        self._storage_ports = storage_ports
        self._kept = Path(state_folder) / KEPT_FILE
        self._run, self._expire = run, expire
        self._lock = threading.Lock()

    def cut(self, address: str) -> None:
        """Drop that machine's storage traffic here, now and after a reboot, and end its connections and locks."""
        address = _ipv4(address)
        with self._lock:
            self._keep(self._read_kept() | {address})
            on_table(self._run, _element("add", FENCE_TABLE, FENCE_SET, address), FENCE_FILE)
        self.end_storage_connections(address)
        self._free_locks(address)

    def _free_locks(self, address: str) -> None:
        """Have this machine's NFS server forget what that one held; if it can't, its lease ends a little later."""
        try:
            self._expire(address)
        except OSError as error:
            log.warning("the NFS server keeps the locks of %s until its lease ends: %s", address, error)

    def let_in(self, address: str) -> None:
        """Let that machine's storage traffic pass again."""
        address = _ipv4(address)
        with self._lock:
            if address in self.cut_now():
                self._run(_element("delete", FENCE_TABLE, FENCE_SET, address))
            self._keep(self._read_kept() - {address})

    def cut_now(self) -> frozenset[str]:
        """Return the addresses whose storage traffic the kernel drops; raise BarrierError when the table is gone."""
        return self._elements(FENCE_TABLE, FENCE_SET)

    def open_gate(self) -> None:
        """Let be heard who is connected to the virtual IPs where mailboxes are written, and quotas be asked for."""
        added = (_element("add", GATE_TABLE, name, address) for name, address in self._gate.items())
        on_table(self._run, at_once(*added), GATE_FILE)
        try:
            self._quotas.may_be_asked()
        except OSError as error:
            raise BarrierError(f"Postfix can't be let ask for quotas: {error.strerror or error}") from None

    def close_gate(self) -> None:
        """Let nobody be heard there any more; who is connected stays so (see `end_client_connections`)."""
        self._quotas.are_not_asked()
        flushed = (("nft", "flush", "set", "inet", GATE_TABLE, name) for name in self._gate)
        on_table(self._run, at_once(*flushed), GATE_FILE)

    def gate_is_open(self) -> bool:
        """Tell whether clients of one are heard; raise BarrierError when the table is gone (then they are)."""
        return any(address in self._elements(GATE_TABLE, name) for name, address in self._gate.items())

    def end_storage_connections(self, address: str) -> int:
        """End this machine's storage connections with that one, and return how many there were.

        Its locks on our brick are free and our own client need not wait for time-outs. Nobody tells the other side when
        it is cut off already: then the reset is dropped, too.
        """
        if not self._storage_ports:
            return 0
        sides = " or ".join(between(side, port) for port in self._storage_ports for side in ("sport", "dport"))
        return len(self._run((*END, "dst", _ipv4(address), f"( {sides} )")).splitlines())

    def end_client_connections(self, ports: Sequence[str] = ()) -> int:
        """End connections of this machine's side of the virtual IPs, and return how many there were.

        All of them, or only those to the given ports.
        """
        only = (to_ports(ports),) if ports else ()
        ended = (self._run((*END, "src", as_host(address), *only)) for address in self._gate.values())
        return sum(len(lines.splitlines()) for lines in ended)

    def end_deliveries(self, port: str) -> int:
        """End this machine's own deliveries to the virtual IP's port for LMTP, and return how many there were.

        When it moves they were to the node that had it, be it this one, and nobody can say to them any more that it is
        over: they would wait for an answer until they time out, minutes later.
        """
        return len(self._run((*END, "dst", self._vip, f"dport = :{port}")).splitlines())

    def can_end_connections(self) -> bool:
        """Tell whether this kernel lets `ss` end connections (CONFIG_INET_DIAG_DESTROY), by trying it on one of ours.

        Where it does not, `ss` says so or nothing at all, and ends with 0.
        """
        try:
            with socket.create_server((_LOOPBACK, 0)) as server:
                port = server.getsockname()[1]
                with socket.create_connection((_LOOPBACK, port), timeout=COMMAND_SECONDS) as client:
                    self._run((*END, "dst", _LOOPBACK, f"dport = :{port}"))
                    return client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        except OSError as error:
            raise BarrierError(f"no connection with itself could be made to end it: {error}") from None

    def _elements(self, table: str, name: str) -> frozenset[str]:
        text = self._run(("nft", "--json", "list", "set", "inet", table, name))
        try:
            found = [entry["set"].get("elem", []) for entry in json.loads(text)["nftables"] if "set" in entry]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BarrierError(f"nft's answer on the set {name} of {table} is not understood") from None
        return frozenset(str(element) for elements in found for element in elements)

    def _read_kept(self) -> frozenset[str]:
        try:
            text = self._kept.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise BarrierError(f"{self._kept} can't be read: {error.strerror or error}") from None
        return frozenset(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text))

    def _keep(self, addresses: frozenset[str]) -> None:
        """Have the file hold exactly these, on the disk when this returns."""
        if addresses == self._read_kept():
            return
        elements = ", ".join(sorted(addresses))
        try:
            if addresses:
                _write(self._kept, f"{_NOTICE}add element inet {FENCE_TABLE} {FENCE_SET} {{ {elements} }}\n")
            else:
                self._kept.unlink(missing_ok=True)
                _sync(self._kept.parent)
        except OSError as error:
            raise BarrierError(f"{self._kept} can't be written: {error.strerror or error}") from None


def on_table(run: Runner, command: Sequence[str], file: str) -> None:
    """Run a command on a table; when it fails, load the table's file, for somebody may have flushed all tables."""
    try:
        run(command)
    except BarrierError:
        run(("nft", "--file", file))
        run(command)


def at_once(*commands: Sequence[str]) -> tuple[str, ...]:
    """Return one command of nft that carries several out, all or none of them."""
    first, *others = commands
    return (*first, *(word for command in others for word in (";", *command[1:])))


def as_host(address: str) -> str:
    """Return an address as ss(8) takes it: the last part of a bare one of IPv6 would be a port."""
    return f"[{address}]" if ":" in address else address


def to_ports(ports: Sequence[str]) -> str:
    """Return the condition, as ss(8) takes it, that our side of a connection is one of these ports."""
    return f"( {' or '.join(f'sport = :{port}' for port in ports)} )"


def _element(verb: str, table: str, name: str, address: str) -> tuple[str, ...]:
    return ("nft", verb, "element", "inet", table, name, f"{{ {address} }}")


def between(side: str, port: str) -> str:
    """Return a condition, as ss(8) takes it, that a side of a connection is a port or in a range (`first:last`)."""
    first, _, last = port.partition(":")
    return f"( {side} >= :{first} and {side} <= :{last} )" if last else f"{side} = :{first}"


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise BarrierError(f"`{text}` is no IPv4 address") from None


def _complaint(stderr: str) -> str:
    """Return the line that says what was wrong: nft goes on with a picture of where, others say it last."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return next((line for line in lines if "Error: " in line), lines[-1] if lines else "it said nothing")


def _write(path: Path, text: str) -> None:
    """Replace a file at one stroke; its folder must exist. The name on the way must not end as FENCE_FILE includes."""
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
