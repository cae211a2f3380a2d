"""What a lab is called and which addresses it has: pure, from its folder's path and its cluster file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Interface
from pathlib import Path

from relevo.cluster.model import Cluster
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab.contract import CLIENT

BRIDGE = "br0"
INTERFACE = "eth0"  # of a machine, as it sees it
CLIENT_HOST_NUMBER = 50  # 192.168.100.50 in the shipped example
_CLIENT_HOST_NUMBER_6 = 0x50  # fd00:100::50 in the network of IPv6
_INTERFACE_NAME_LENGTH = 15  # IFNAMSIZ without its end mark, netdevice(7)


@dataclass(frozen=True)
class Names:
    """Every name of a lab on this computer; `tag` tells labs apart."""

    tag: str

    @classmethod
    def of(cls, folder: Path) -> Names:
        """Return the names of the lab in a folder: the same folder gives the same names."""
        return cls(sha256(str(folder.resolve()).encode()).hexdigest()[:6])

    @property
    def namespace(self) -> str:
        """The network namespace that holds the bridge; process groups have the same name."""
        return f"relevo-{self.tag}"

    def machine(self, node: str) -> str:
        """Return the container's name on this computer."""
        return f"relevo-{self.tag}-{node}"


def port_of(node: str) -> str:
    """Return the name of a machine's port on the bridge, at most 15 characters."""
    name = f"p-{node}"
    return name if len(name) <= _INTERFACE_NAME_LENGTH else f"p-{sha256(node.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class NetworkPlan:
    """Addresses of the lab: its machines by name (the client too), and the operator, who is this computer."""

    machines: Mapping[str, IPv4Address]
    operator: IPv4Address
    prefix: int
    subnet: str
    client6: str = ""  # the client's address of IPv6 with its prefix length; empty when the platform has none

    def address(self, node: str) -> str:
        """Return a machine's address; raise LabError when there is no such machine."""
        if node not in self.machines:
            text = _("there is no machine {node} in this lab: it has {machines}")
            raise LabError(text.format(node=node, machines=", ".join(self.machines)))
        return str(self.machines[node])


def plan_network(cluster: Cluster) -> NetworkPlan:
    """Give the client host number 50, the operator the last address of the subnet.

    Raises:
        LabError: one of them is taken, or outside of the subnet.
    """
    subnet = cluster.network.subnet
    client, operator = subnet.network_address + CLIENT_HOST_NUMBER, subnet.broadcast_address - 1
    for what, address in ((_("client"), client), (_("operator"), operator)):
        if address not in subnet or address in _taken(cluster):
            text = _("the lab's {what} needs the address {address}: leave it free in relevo.toml, in a /24")
            raise LabError(text.format(what=what, address=address))
    machines = {node.name: node.address for node in cluster.peers} | {CLIENT: client}
    return NetworkPlan(machines, operator, subnet.prefixlen, str(subnet), _client6(cluster.network.vip6))


def _client6(vip6: IPv6Interface | None) -> str:
    if vip6 is None:
        return ""
    address = vip6.network.network_address + _CLIENT_HOST_NUMBER_6
    if address not in vip6.network or address == vip6.ip:
        text = _("the lab's client needs the address {address}: leave it free in relevo.toml, in a /64")
        raise LabError(text.format(address=address))
    return f"{address}/{vip6.network.prefixlen}"


def _taken(cluster: Cluster) -> set[IPv4Address]:
    return {cluster.network.vip, *(node.address for node in cluster.nodes.values())}
