"""Which addresses clients get when the cluster file does not say. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

from relevo.cluster.model import Cluster
from relevo.errors import ConfigurationError
from relevo.i18n import _


def pool(cluster: Cluster) -> tuple[IPv4Address, IPv4Address]:
    """Return the first and last address for clients.

    Without `dhcp.pool_start` and `dhcp.pool_end`: the longest run of addresses in the upper half of the subnet that no
    node, virtual IP, gateway or reservation has. The very last host address stays free, since it is often a router's.

    Raises:
        ConfigurationError: only one end is given, or the subnet has no room.
    """
    start, end = cluster.dhcp.pool_start, cluster.dhcp.pool_end
    if start and end:
        return start, end
    if start or end:
        raise ConfigurationError(_("one end of the DHCP pool is given: give pool_start and pool_end under [dhcp]"))
    runs = _free_runs(cluster.network.subnet, _taken(cluster))
    if not runs:
        text = _("{subnet} has no room for DHCP: give pool_start and pool_end under [dhcp]")
        raise ConfigurationError(text.format(subnet=cluster.network.subnet))
    return max(runs, key=lambda run: int(run[1]) - int(run[0]))


def _taken(cluster: Cluster) -> set[IPv4Address]:
    known = {node.address for node in cluster.peers} | {cluster.network.vip}
    known |= {reservation.address for reservation in cluster.dhcp.reservations}
    return known | ({cluster.network.gateway} if cluster.network.gateway else set())


def _free_runs(subnet: IPv4Network, taken: set[IPv4Address]) -> list[tuple[IPv4Address, IPv4Address]]:
    """Return the runs between what is taken, in the upper half and without its last two addresses."""
    first = subnet.network_address + subnet.num_addresses // 2
    end = subnet.broadcast_address - 1  # exclusive
    edges = [first - 1, *sorted(address for address in taken if first <= address < end), end]
    return [(low + 1, high - 1) for low, high in pairwise(edges) if high - 1 >= low + 1]
