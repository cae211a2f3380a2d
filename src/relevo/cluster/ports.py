"""The ports that the machines open, and to whom.

The table `PORTS` is the firewall's only source and the source of `docs/reference/ports.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from relevo.cluster.model import Cluster, Role
from relevo.cluster.wires import GLUSTER_BRICK_PORTS, GLUSTER_MANAGEMENT_PORTS, LMTP_PORT, NFS_PORT, QUEUE_PORT


class Audience(StrEnum):
    """Who may reach a port."""

    PUBLIC = "public"  # everybody
    LAN = "lan"  # the subnet of the cluster
    ADMIN = "admin"  # network.admin_networks, the cluster's subnet when none is given
    CLUSTER = "cluster"  # the other machines of the cluster
    MAIL = "mail nodes"  # the other mail nodes


def _always(_: Cluster) -> bool:
    return True


@dataclass(frozen=True)
class Port:
    """A port that the firewall opens, and on which machines.

    `number` is one, `first:last`, or `0` for a protocol without ports; `only_if`: does a cluster have what listens?
    """

    number: str
    protocol: str
    audience: Audience
    roles: frozenset[Role]
    purpose: str
    only_if: Callable[[Cluster], bool] = _always


def _has_dhcp(cluster: Cluster) -> bool:
    return cluster.dhcp.server != "none"


def _has_glusterfs(cluster: Cluster) -> bool:
    return "glusterfs" in cluster.storage.kinds


def _has_nfs(cluster: Cluster) -> bool:
    return "nfs" in cluster.storage.kinds


_MAIL = frozenset({Role.MAIL})
_STORAGE = frozenset({Role.STORAGE})
_ALL = frozenset(Role)

PORTS: tuple[Port, ...] = (
    Port("22", "tcp", Audience.ADMIN, _ALL, "SSH: the operator, and Relevo itself"),
    Port("25", "tcp", Audience.PUBLIC, _MAIL, "SMTP from other servers"),
    Port("465", "tcp", Audience.PUBLIC, _MAIL, "submission over TLS (RFC 8314)"),
    Port("587", "tcp", Audience.PUBLIC, _MAIL, "submission with STARTTLS (RFC 6409)"),
    Port("143", "tcp", Audience.PUBLIC, _MAIL, "IMAP with STARTTLS"),
    Port("993", "tcp", Audience.PUBLIC, _MAIL, "IMAP over TLS"),
    Port("110", "tcp", Audience.PUBLIC, _MAIL, "POP3 with STARTTLS"),
    Port("995", "tcp", Audience.PUBLIC, _MAIL, "POP3 over TLS"),
    Port("80", "tcp", Audience.PUBLIC, _MAIL, "webmail: sends the browser on to 443"),
    Port("443", "tcp", Audience.PUBLIC, _MAIL, "webmail, administration on the web"),
    Port("53", "udp", Audience.LAN, _ALL, "DNS"),
    Port("53", "tcp", Audience.LAN, _ALL, "DNS"),
    Port("67", "udp", Audience.LAN, _STORAGE, "DHCP, unless dhcp.server = none", _has_dhcp),
    Port("123", "udp", Audience.CLUSTER, _STORAGE, "time (NTP) from the storage machine"),
    Port(str(LMTP_PORT), "tcp", Audience.CLUSTER, _MAIL, "LMTP: deliveries to the node that has the virtual IP"),
    Port("3306", "tcp", Audience.CLUSTER, _MAIL, "MariaDB between the nodes"),
    Port("4444", "tcp", Audience.CLUSTER, _MAIL, "Galera: state transfer"),
    Port("4567", "tcp", Audience.CLUSTER, _ALL, "Galera: replication"),
    Port("4567", "udp", Audience.CLUSTER, _ALL, "Galera: replication"),
    Port("4568", "tcp", Audience.CLUSTER, _MAIL, "Galera: incremental state transfer"),
    Port(GLUSTER_MANAGEMENT_PORTS, "tcp", Audience.CLUSTER, _ALL, "GlusterFS: management", _has_glusterfs),
    Port(GLUSTER_BRICK_PORTS, "tcp", Audience.CLUSTER, _ALL, "GlusterFS: bricks", _has_glusterfs),
    Port(str(NFS_PORT), "tcp", Audience.CLUSTER, _STORAGE, "NFSv4.2, with storage.kind = nfs", _has_nfs),
    Port("9119", "tcp", Audience.CLUSTER, _ALL, "relevo-agent: what a node says of itself (TLS)"),
    Port(str(QUEUE_PORT), "tcp", Audience.MAIL, _MAIL, "relevo-queue-control: the other node's mail queue (TLS)"),
    Port("0", "vrrp", Audience.MAIL, _MAIL, "VRRP adverts (IP protocol 112)"),
)


def storage_ports(cluster: Cluster) -> tuple[str, ...]:
    """Return the TCP ports over which machines use the mail store, as in PORTS; of an external one none is known."""
    kinds = {"glusterfs": (GLUSTER_MANAGEMENT_PORTS, GLUSTER_BRICK_PORTS), "nfs": (str(NFS_PORT),)}
    return tuple(port for kind in cluster.storage.kinds for port in kinds.get(kind, ()))
