"""What the zones that BIND serves say of the platform: its machines, its mail, the names of its addresses. Pure.

The DKIM keys of the first domain come and go with the database, so they have a zone of their own below it, which
relevo-dkim writes on each mail node (services/dkim); here it is only handed over to.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Interface

from relevo.cluster import wires
from relevo.cluster.model import Cluster, Node
from relevo.records.facts import Facts, facts
from relevo.records.mail import host_records, mail_records
from relevo.records.record import Record

_SLASH_24 = 24
_NIBBLE = 4  # bits of a label below ip6.arpa, RFC 3596 section 2.5
_NIBBLES = 32  # of a whole address


def node_name(cluster: Cluster, node: Node) -> str:
    """Return a machine's full name."""
    return f"{node.name}.{cluster.domain}"


def zone_records(cluster: Cluster) -> tuple[Record, ...]:
    """Return the records of the first domain's zone as the inside sees it, without SOA and NS."""
    inside = facts(cluster, outside=False)
    known = [Record(node_name(cluster, node), "A", str(node.address)) for node in cluster.peers]
    keys = [Record(wires.dkim_zone(cluster), "NS", f"{node_name(cluster, node)}.") for node in cluster.peers]
    return (*known, *_host(inside), *mail_records(inside, cluster.domain, ()), *keys)


def reverse_zones(cluster: Cluster) -> dict[str, tuple[Record, ...]]:
    """Return the reverse zones (a /24 each, and the network of IPv6) that hold our addresses, with their PTR records.

    A subnet longer than /24 of public addresses is left out: its reverse zone is the provider's (RFC 2317).
    """
    vip6 = cluster.network.vip6
    six: dict[str, tuple[Record, ...]] = {}
    if vip6:
        six[_reverse_zone_6(vip6)] = (Record(vip6.ip.reverse_pointer, "PTR", f"{cluster.hostname}."),)
    subnet = cluster.network.subnet
    if subnet.prefixlen > _SLASH_24 and not subnet.is_private:
        return six
    nodes = {node.address: node_name(cluster, node) for node in cluster.peers}
    names = nodes | {cluster.network.vip: cluster.hostname}
    zones: dict[str, list[Record]] = {}
    for address in sorted(names):
        pointer = Record(address.reverse_pointer, "PTR", f"{names[address]}.")
        zones.setdefault(_reverse_zone(address), []).append(pointer)
    return {zone: tuple(records) for zone, records in zones.items()} | six


def _host(inside: Facts) -> tuple[Record, ...]:
    """Return the records of the mail host when its name is in the zone."""
    return host_records(inside) if f".{inside.hostname}".endswith(f".{inside.domain}") else ()


def _reverse_zone_6(address: IPv6Interface) -> str:
    """Return the zone of an address's network; where that ends within a label, of the part that holds the address."""
    nibbles = -(-address.network.prefixlen // _NIBBLE)
    return ".".join(address.ip.reverse_pointer.split(".")[_NIBBLES - nibbles :])


def _reverse_zone(address: IPv4Address) -> str:
    return ".".join(str(IPv4Network((address, _SLASH_24), strict=False).network_address.reverse_pointer).split(".")[1:])
