"""The agent's hands during a switchover: sessions of SMTP end where they began, and no delivery is cut short.

The old holder keeps the virtual IP on its loopback interface for a while, so that the sessions go on, and its successor
passes on to it what belongs to none of its own (table relevo_handover, services/fence). Every method blocks, for at
most a few times `barriers.COMMAND_SECONDS`: call them in a thread. Each may be repeated. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relevo.agent.barriers import GATE_FILE, GATE_TABLE, BarrierError, Runner, on_table, run, to_ports

HANDOVER_TABLE, HANDOVER_FILE = "relevo_handover", "/etc/relevo/handover.nft"  # wires.HANDOVER_TABLE, services/fence
_LIST = ("ss", "--no-header", "--numeric", "--tcp", "--info", "--oneline", "state", "established")
_KILL = ("ss", "--kill", "--no-header", "--numeric", "--tcp")
_ARP = ("arp_ignore", 1), ("arp_announce", 2)


@dataclass(frozen=True)
class Session:
    """A connection to the virtual IP: the peer as `address:port`, and for how many seconds it has been the peer's turn.

    While the peer waits for an answer of ours, which may take its time (a filter, a busy disk), that is 0.
    """

    peer: str
    idle: float


class Passage:
    """What a switchover needs of the kernel of this machine."""

    def __init__(self, vip: str, handed_ports: Sequence[str], lmtp_port: str, run: Runner = run) -> None:
        """Take the virtual IP, the ports whose sessions are handed over, and that of deliveries."""
        self._vip, self._ports, self._lmtp = vip, handed_ports, lmtp_port
        self._run = run

    def hold_deliveries(self) -> None:
        """Let no new delivery begin here."""
        on_table(self._run, ("nft", "add", "element", "inet", GATE_TABLE, "held", f"{{ {self._lmtp} }}"), GATE_FILE)

    def release_deliveries(self) -> None:
        """Let deliveries begin again."""
        on_table(self._run, ("nft", "flush", "set", "inet", GATE_TABLE, "held"), GATE_FILE)

    def keep_address(self) -> None:
        """Have the virtual IP on the loopback interface, too; raise BarrierError where neighbours would be told so."""
        for name, wanted in _ARP:
            if int(Path(f"/proc/sys/net/ipv4/conf/all/{name}").read_text(encoding="ascii")) < wanted:
                raise BarrierError(f"net.ipv4.conf.all.{name} is not {wanted}: run `relevo apply`")
        self._run(("ip", "address", "replace", f"{self._vip}/32", "dev", "lo", "scope", "host"))

    def drop_address(self) -> None:
        """Take it away from there."""
        if self._run(("ip", "-oneline", "address", "show", "dev", "lo", "to", f"{self._vip}/32")).strip():
            self._run(("ip", "address", "delete", f"{self._vip}/32", "dev", "lo"))

    def try_again(self) -> None:
        """Have delivered, by the new holder, what was waiting to begin here."""
        self._run((*_KILL, "dst", self._vip, "and", f"dport = :{self._lmtp}"))
        self._run(("postqueue", "-f"))

    def receive(self) -> None:
        """Pass on to the other mail node what belongs to none of our own sessions."""
        on_table(self._run, ("nft", "flush", "set", "ip", HANDOVER_TABLE, "ours"), HANDOVER_FILE)
        self._run(("nft", "add", "element", "ip", HANDOVER_TABLE, "receives", f"{{ {self._vip} }}"))

    def stop_receiving(self) -> None:
        """Pass on nothing any more."""
        on_table(self._run, ("nft", "flush", "set", "ip", HANDOVER_TABLE, "receives"), HANDOVER_FILE)

    def sessions(self) -> tuple[Session, ...]:
        """Return the sessions of others that this node still has."""
        return tuple(s for s in self._sessions(self._ports) if not s.peer.startswith(f"{self._vip}:"))

    def deliveries(self) -> tuple[Session, ...]:
        """Return the deliveries that are under way."""
        return self._sessions((self._lmtp,))

    def end_sessions(self, ended: Sequence[Session]) -> None:
        """End sessions of others; their clients learn it with their next command, and come anew."""
        if ended:  # by one command: a client may begin with its next message at any moment
            peers = " or ".join(f"dst {session.peer}" for session in ended)
            self._run((*_KILL, "src", self._vip, "and", f"( {peers} )"))

    def _sessions(self, ports: Sequence[str]) -> tuple[Session, ...]:
        return tuple(sessions_in(self._run((*_LIST, "src", self._vip, to_ports(ports)))))


def sessions_in(listed: str) -> list[Session]:
    """Return the sessions of ss(8)'s list with `--oneline --info`; what it does not say of times counts as just now."""
    found = []
    for line in listed.splitlines():
        words = line.split()
        if len(words) < 4:  # noqa: PLR2004 - two queues and two addresses
            continue
        last = dict(re.findall(r"\blast(rcv|snd):(\d+)", line))  # milliseconds since data came, and went
        received, sent = int(last.get("rcv", 0)), int(last.get("snd", 0))
        idle = sent / 1000 if sent <= received else 0.0
        found.append(Session(words[3].replace("[::ffff:", "").replace("]", ""), idle))
    return found
