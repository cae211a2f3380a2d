"""What of a cluster DNS tells: plain values, so that programs without the cluster file can be told them, too.

Inside, the mail host's address is the virtual IP. Outside it is `dns.public_address`, which a router passes on to the
virtual IP; without one the virtual IP itself is published. That of IPv6 is translated by nobody: inside it is always
known, outside when it is a global address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # relevo-dkim is told what it needs, and is half as large without the model
    from relevo.cluster.model import Cluster


@dataclass(frozen=True)
class Facts:
    """What is told.

    Attributes:
        hostname: the mail host.
        domain: the first mail domain; the records of the host itself go with it.
        postmaster: who reads DMARC reports on the first domain.
        dmarc_policy: what others should do with forged mail: `none`, `quarantine` or `reject`.
        senders: the end of SPF records: who sends beside the MX, e.g. `ip4:192.0.2.1 -all`.
        addresses: under which the host is reached.
        ttl: seconds.
        managed: whether the platform's own name servers have the first domain's zone.
    """

    hostname: str
    domain: str
    postmaster: str
    dmarc_policy: str
    senders: str
    addresses: tuple[str, ...]
    ttl: int
    managed: bool

    def as_json(self) -> dict[str, Any]:
        """Return what can be written as JSON."""
        return asdict(self)


def read(told: Mapping[str, Any]) -> Facts:
    """Return the facts that were written as JSON."""
    return Facts(**{**told, "addresses": tuple(told["addresses"])})


def facts(cluster: Cluster, *, outside: bool) -> Facts:
    """Return what is told of a cluster, to the world or inside."""
    address = public_address(cluster) if outside else cluster.network.vip
    return Facts(
        hostname=cluster.hostname, domain=cluster.domain, postmaster=cluster.cluster.postmaster,
        dmarc_policy=cluster.dns.dmarc_policy, senders=_senders(cluster, outside=outside),
        addresses=(str(address), *map(str, _addresses_6(cluster, outside=outside))), ttl=cluster.dns.ttl,
        managed=cluster.dns.manage,
    )


def public_address(cluster: Cluster) -> IPv4Address:
    """Return the address under which the world reaches the platform."""
    return cluster.dns.public_address or cluster.network.vip


def _senders(cluster: Cluster, *, outside: bool) -> str:
    four = [f"ip4:{address}" for address in _senders_4(cluster, outside=outside)]
    six = [f"ip6:{address}" for address in _addresses_6(cluster, outside=outside)]
    return " ".join([*four, *six, *cluster.dns.spf_extra, "-all"])


def _senders_4(cluster: Cluster, *, outside: bool) -> Iterable[IPv4Address]:
    """Mail leaves with a node's own address; the world sees the public one instead where a router translates."""
    public = [cluster.dns.public_address] if cluster.dns.public_address else []
    nodes = [node.address for node in cluster.mail_nodes]
    if not outside:
        return [*nodes, *public]
    return public or [address for address in nodes if address.is_global]


def _addresses_6(cluster: Cluster, *, outside: bool) -> tuple[IPv6Address, ...]:
    """Return where the platform is reached by IPv6, from where its mail leaves, too (services/postfix)."""
    vip6 = cluster.network.vip6
    return (vip6.ip,) if vip6 and (vip6.ip.is_global or not outside) else ()
