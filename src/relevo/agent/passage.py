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

from relevo.agent.barriers import (
    END,
    GATE_FILE,
    GATE_TABLE,
    BarrierError,
    Runner,
    as_host,
    at_once,
    on_table,
    run,
    to_ports,
)
from relevo.agent.pace import paced
from relevo.agent.quotas import Quotas
from relevo.agent.settings import Settings

HANDOVER_TABLE, HANDOVER_FILE = "relevo_handover", "/etc/relevo/handover.nft"  # wires.HANDOVER_TABLE, services/fence
_LIST = ("ss", "--no-header", "--numeric", "--tcp", "--info", "--oneline", "state", "established")
_ANSWER_SECONDS = paced(20.0)  # what a filter or a busy disk may need
_METRIC = "512"
_DEAF_SECONDS = int(paced(60))  # after which the kernel hears again by itself, whatever becomes of this agent
_ROUND_TRIP = re.compile(r"\brtt:([0-9.]+)/")  # milliseconds, and behind it their deviation
_NO_BRACKETS = str.maketrans("", "", "[]")
_ARP = ("arp_ignore", 1), ("arp_announce", 2)


@dataclass(frozen=True)
class Session:
    """A connection to the virtual IP: the peer as `address:port`, and for how many seconds it has been the peer's turn.

    While the peer waits for an answer of ours, which may take its time (a filter, a busy disk), that is 0.
    `round_trip`: the seconds from a word of ours until the peer's kernel has said that it came.
    """

    peer: str
    idle: float
    round_trip: float = 0.0


@dataclass(frozen=True)
class Six:
    """What is known of IPv6: the virtual IP, its network as `fd00::/64`, and the interface that it comes to.

    `hop` is a link-local address, to which the other mail node passes on what belongs to sessions of this one.
    """

    vip: str
    network: str
    interface: str
    hop: str


def six(settings: Settings) -> Six | None:
    """Return what the agent is told of IPv6; None when there is none."""
    config = settings.config
    if not settings.vip6:
        return None
    return Six(settings.vip6, config["vip6_network"], config["interface"], config["handover_hop"])


class Passage:
    """What a switchover needs of the kernel of this machine."""

    def __init__(
        self, vip: str, handed_ports: Sequence[str], lmtp_port: str, run: Runner = run, *, six: Six | None = None,
        quotas: Quotas | None = None,
    ) -> None:
        """Take the virtual IP, the ports whose sessions are handed over, and that of deliveries."""
        self._vip, self._ports, self._lmtp, self._six = vip, handed_ports, lmtp_port, six
        self._vips = {"ip": vip, "ip6": six.vip} if six else {"ip": vip}  # by the family of the table
        self._run = run
        self._quotas = quotas or Quotas()

    def hold_deliveries(self) -> None:
        """Let no new delivery begin here, and nobody ask for quotas: mailboxes are about to be another one's."""
        self._quotas.are_not_asked()
        on_table(self._run, ("nft", "add", "element", "inet", GATE_TABLE, "held", f"{{ {self._lmtp} }}"), GATE_FILE)

    def pass_on_deliveries(self) -> None:
        """Have deliveries go to the new holder, although the virtual IP is on lo."""
        gives = ("nft", "add", "element", "ip", HANDOVER_TABLE, "gives", f"{{ {self._vip} }}")
        on_table(self._run, gives, HANDOVER_FILE)

    def release_deliveries(self) -> None:
        """Let deliveries begin again, to whoever has the virtual IP."""
        on_table(self._run, ("nft", "flush", "set", "inet", GATE_TABLE, "held"), GATE_FILE)
        on_table(self._run, ("nft", "flush", "set", "ip", HANDOVER_TABLE, "gives"), HANDOVER_FILE)

    def keep_address(self) -> None:
        """Have the virtual IP on the loopback interface, too; raise BarrierError where neighbours would be told so."""
        for name, wanted in _ARP:
            if int(Path(f"/proc/sys/net/ipv4/conf/all/{name}").read_text(encoding="ascii")) < wanted:
                raise BarrierError(f"net.ipv4.conf.all.{name} is not {wanted}: run `relevo apply`")
        self._run(("ip", "address", "replace", f"{self._vip}/32", "dev", "lo", "scope", "host"))
        if six := self._six:  # its neighbours ask the interface, where it is no more: nothing else is needed for that
            self._run(("ip", "address", "replace", f"{six.hop}/128", "dev", six.interface, "nodad"))
            # the way to the clients goes with the address, for this node has no other in that network
            self._run(("ip", "-6", "route", "replace", *self._way(six)))
            self._run(("ip", "address", "replace", f"{six.vip}/128", "dev", "lo"))

    def drop_address(self) -> None:
        """Take it away from there."""
        self._drop(f"{self._vip}/32", "lo")
        if six := self._six:
            self._drop(f"{six.vip}/128", "lo")
            self._drop(f"{six.hop}/128", six.interface)
            if self._run(("ip", "-6", "-oneline", "route", "show", *self._way(six))).strip():
                self._run(("ip", "-6", "route", "delete", *self._way(six)))

    def ask_for_quotas(self) -> None:
        """Let Postfix ask again: mailboxes are still ours."""
        self._quotas.may_be_asked()

    def try_again(self) -> None:
        """Have tried again at once what could not be delivered while the virtual IP moved."""
        self._run(("postqueue", "-f"))

    def receive(self) -> None:
        """Pass on to the other mail node what belongs to none of our own sessions."""
        on_table(self._run, self._flush("ours"), HANDOVER_FILE)
        for family, vip in self._vips.items():
            self._run(("nft", "add", "element", family, HANDOVER_TABLE, "receives", f"{{ {vip} }}"))

    def stop_receiving(self) -> None:
        """Pass on nothing any more."""
        on_table(self._run, self._flush("receives"), HANDOVER_FILE)

    def hear_nothing(self) -> None:
        """Drop what those sessions say from now on: the answer that is due goes out, and no message begins after it."""
        for family, vip in self._vips.items():
            add = ("nft", "add", "element", family, HANDOVER_TABLE, "deaf", f"{{ {vip} timeout {_DEAF_SECONDS}s }}")
            on_table(self._run, add, HANDOVER_FILE)

    def hear_again(self) -> None:
        """Drop nothing any more."""
        on_table(self._run, self._flush("deaf"), HANDOVER_FILE)

    def sessions(self) -> tuple[Session, ...]:
        """Return the sessions of others that this node still has."""
        ours = self._vips.values()
        return tuple(s for s in self._sessions(self._ports) if s.peer.rpartition(":")[0] not in ours)

    def deliveries(self) -> tuple[Session, ...]:
        """Return the deliveries that are under way."""
        return self._sessions((self._lmtp,))

    def end_sessions(self, ended: Sequence[Session]) -> None:
        """End sessions of others; their clients learn it with their next command, and come anew."""
        for family, vip in self._vips.items():
            six = family == "ip6"
            if peers := [as_peer(session.peer) for session in ended if (":" in address_of(session.peer)) is six]:
                # by one command: a client may begin with its next message at any moment
                self._run((*END, "src", as_host(vip), "and", f"( {' or '.join(f'dst {peer}' for peer in peers)} )"))

    def _sessions(self, ports: Sequence[str]) -> tuple[Session, ...]:
        lists = (self._run((*_LIST, "src", as_host(vip), to_ports(ports))) for vip in self._vips.values())
        return tuple(session for listed in lists for session in sessions_in(listed))

    def _flush(self, name: str) -> tuple[str, ...]:
        return at_once(*(("nft", "flush", "set", family, HANDOVER_TABLE, name) for family in self._vips))

    def _drop(self, address: str, device: str) -> None:
        if self._run(("ip", "-oneline", "address", "show", "dev", device, "to", address)).strip():
            self._run(("ip", "address", "delete", address, "dev", device))

    @staticmethod
    def _way(six: Six) -> tuple[str, ...]:
        """Return the route to the clients, behind the one that the kernel makes for the address itself (metric 256)."""
        return (six.network, "dev", six.interface, "metric", _METRIC)


def sessions_in(listed: str) -> list[Session]:
    """Return the sessions of ss(8)'s list with `--oneline --info`; what it does not say of times counts as just now."""
    found = []
    for line in listed.splitlines():
        words = line.split()
        if len(words) < 4:  # noqa: PLR2004 - two queues and two addresses
            continue
        last = dict(re.findall(r"\blast(rcv|snd):(\d+)", line))  # milliseconds since data came, and went
        idle = _idle(int(last.get("rcv", 0)) / 1000, int(last.get("snd", 0)) / 1000)
        peer = words[3].replace("[::ffff:", "").translate(_NO_BRACKETS)
        found.append(Session(peer, idle, float(way[1]) / 1000 if (way := _ROUND_TRIP.search(line)) else 0.0))
    return found


def _idle(received: float, sent: float) -> float:
    """Return for how long it has been the peer's turn, from the seconds since data came and since data went.

    When both are the same the kernel's clock was too coarse to tell who spoke last: its answer may still be due.
    """
    if received == sent:
        return max(0.0, sent - _ANSWER_SECONDS)
    return sent if sent < received else 0.0


def address_of(peer: str) -> str:
    """Return the address of a peer `address:port`."""
    return peer.rpartition(":")[0]


def as_peer(peer: str) -> str:
    """Return a peer as ss(8) takes it."""
    return f"{as_host(address_of(peer))}:{peer.rpartition(':')[2]}"
