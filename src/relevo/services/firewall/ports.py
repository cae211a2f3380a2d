"""Which ports a node opens, to whom: worked out from the table in `cluster/wires.py`, and nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Network, ip_address

from relevo.cluster.model import Cluster, Node, Role
from relevo.cluster.ports import PORTS, Audience, Port
from relevo.i18n import _

ANYWHERE = "0.0.0.0/0"
ANYWHERE_6 = "::/0"
SSH_PORT = "22"
NO_PORT = "0"  # a protocol without ports

_AUDIENCES = {
    Audience.PUBLIC: "everybody",
    Audience.LAN: "the network `network.subnet`",
    Audience.ADMIN: "`network.admin_networks`, the network `network.subnet` when none is given",
    Audience.CLUSTER: "the other machines of the cluster",
    Audience.MAIL: "the other mail node",
}


@dataclass(frozen=True)
class Rule:
    """One thing that is let in: protocol, port (empty for a protocol without ports), source as a network or address."""

    protocol: str
    port: str
    source: str
    purpose: str


def ports(cluster: Cluster, node: Node) -> tuple[Port, ...]:
    """Return the rows of the table that apply to a node: of its roles, and of services that this cluster has."""
    rows = (port for port in PORTS if port.roles & node.roles and port.only_if(cluster))
    return tuple(replace(row, number=str(cluster.ssh.port)) if row.number == SSH_PORT else row for row in rows)


def rules(cluster: Cluster, node: Node) -> tuple[Rule, ...]:
    """Return what a node lets in over IPv4, a rule for each source."""
    return tuple(
        Rule(port.protocol, "" if port.number == NO_PORT else port.number, source, port.purpose)
        for port in ports(cluster, node)
        for source in sources(port, cluster, node)
    )


def rules_6(cluster: Cluster, node: Node) -> tuple[Rule, ...]:
    """Return what a node lets in over IPv6: what is for everybody; the cluster's own networks are IPv4."""
    return tuple(replace(rule, source=ANYWHERE_6) for rule in rules(cluster, node) if rule.source == ANYWHERE)


def sources(port: Port, cluster: Cluster, node: Node) -> tuple[str, ...]:
    """Return who may reach a port of a node, as networks or addresses."""
    if port.audience is Audience.PUBLIC:
        return (ANYWHERE,)
    if port.audience is Audience.LAN:
        return (str(cluster.network.subnet),)
    if port.audience is Audience.ADMIN:
        return tuple(str(network) for network in admin_networks(cluster))
    others = (peer for peer in cluster.peers if peer != node)
    mail_only = port.audience is Audience.MAIL
    return tuple(str(peer.address) for peer in others if peer.is_mail or not mail_only)


def admin_networks(cluster: Cluster) -> tuple[IPv4Network, ...]:
    """Return from where the operator may come."""
    return cluster.network.admin_networks or (cluster.network.subnet,)


def tcp_reset_ports(cluster: Cluster, node: Node) -> tuple[str, ...]:
    """Return the TCP ports that clients use; one who goes on talking to us after a failover is told so (see README)."""
    wanted = (Audience.PUBLIC, Audience.ADMIN)
    numbers = {int(row.number) for row in ports(cluster, node) if row.protocol == "tcp" and row.audience in wanted}
    return tuple(str(number) for number in sorted(numbers))


def lock_out(ssh_connection: str, cluster: Cluster) -> str | None:
    """Return why the rules would cut the operator off, None when they don't.

    Args:
        ssh_connection: the variable SSH_CONNECTION of sshd(8), `client port server port`; empty when not over SSH.
        cluster: whose rules.
    """
    if not ssh_connection:
        return None
    client = ip_address(ssh_connection.split(maxsplit=1)[0].partition("%")[0])
    mapped = getattr(client, "ipv4_mapped", None) or client
    networks = admin_networks(cluster)
    if mapped.is_loopback or any(mapped in network for network in networks):
        return None
    listed = ", ".join(str(network) for network in networks)
    text = _(
        "you come from {address}, and the firewall would let SSH in from {networks} only: add your network to "
        "admin_networks under [network]"
    )
    return text.format(address=mapped, networks=listed)


def ports_document() -> str:
    """Return `docs/reference/ports.md`."""
    rows = [
        f"| {'-' if port.number == NO_PORT else port.number.replace(':', '-')} | {port.protocol} | {port.audience} "
        f"| {_machines(port.roles)} | {port.purpose} |"
        for port in PORTS
    ]
    audiences = [f"- **{audience}**: {who}" for audience, who in _AUDIENCES.items()]
    return "\n".join([
        "# Ports", "",
        "What the firewall of each machine lets in; everything else is dropped, and everything may go out. Made from",
        "`PORTS` in `src/relevo/cluster/ports.py`, which the firewall is made from too.", "",
        "| port | protocol | from | on | what for |", "|---|---|---|---|---|", *rows, "",
        "Who that is:", "", *audiences, "",
        "SSH is on `ssh.port` where that is given. IPv6 reaches what is for everybody, nothing else. Pings and the",
        "other ICMP messages that IP needs are let in (RFC 4890).", "",
    ])


def _machines(roles: frozenset[Role]) -> str:
    return "all" if roles == frozenset(Role) else ", ".join(sorted(roles))
