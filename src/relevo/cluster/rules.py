"""Rules between the keys of the cluster file, one a function: each yields (path, what to write instead)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from math import floor
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relevo.cluster.model import Cluster, Role
from relevo.cluster.wires import NEXT_MOUNT
from relevo.i18n import _

Path: TypeAlias = tuple[str | int, ...]
Found: TypeAlias = Iterator[tuple[Path, str]]

_LABEL = re.compile(r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")
_MAIL_NODES = 2
_LONGEST_ADVERT_SECONDS = 40.95
_MIN_PREFIX = 29  # the smallest network with room for three machines, the VIP and clients
_MAX_PREFIX_6 = 126  # the smallest network of IPv6 with room for the VIP and somebody who talks to it
_RESERVED = {"localhost", "mail", "www", "autoconfig", "autodiscover"}


def two_mail_nodes(cluster: Cluster) -> Found:
    """Exactly two machines have the role mail: one active, one standby."""
    if (count := sum(n.is_mail for n in cluster.nodes.values())) != _MAIL_NODES:
        yield ("nodes",), _('{count} nodes have the role "mail"; give it to exactly two').format(count=count)


def one_storage_node(cluster: Cluster) -> Found:
    """Exactly one machine has the role storage: the third vote."""
    if (count := sum(n.is_storage for n in cluster.nodes.values())) != 1:
        yield ("nodes",), _('{count} nodes have the role "storage"; give it to exactly one').format(count=count)


def one_role_each(cluster: Cluster) -> Found:
    """A machine that is both mail node and third vote would take two votes with it."""
    for node in cluster.nodes.values():
        if len(node.roles) > 1:
            yield ("nodes", node.name, "roles"), _('a machine has one role: write ["mail"] or ["storage"]')


def odd_votes(cluster: Cluster) -> Found:
    """The database's votes (a mail node each, garbd on the storage node) are odd: no two halves face each other."""
    votes = sum(bool(node.roles & {Role.MAIL, Role.STORAGE}) for node in cluster.nodes.values())
    if votes % 2 == 0:
        text = _("{votes} database votes can end in a draw; have three machines, two for mail and one for storage")
        yield ("nodes",), text.format(votes=votes)


def node_names(cluster: Cluster) -> Found:
    """A node's name is its host name."""
    for name in cluster.nodes:
        if not _LABEL.match(name):
            yield (
                ("nodes", name),
                _("a node's name is a host name: lower-case letters, digits and hyphens, e.g. [nodes.mail01]"),
            )
        elif name in _RESERVED or f"{name}.{cluster.domain}" == cluster.hostname:
            text = _("{name} is a name that clients use for the platform; name the machine e.g. [nodes.mail01]")
            yield ("nodes", name), text.format(name=name)


def host_name_in_domain(cluster: Cluster) -> Found:
    """We publish the host name's address, so it must be in our zone."""
    if cluster.dns.manage and not cluster.hostname.endswith(f".{cluster.domain}"):
        text = _(
            "must end in .{domain} so that our DNS can publish it, e.g. mail.{domain}; or set dns.manage = false"
        )
        yield ("cluster", "hostname"), text.format(domain=cluster.domain)


def postmaster(cluster: Cluster) -> Found:
    """The postmaster is an address."""
    if not re.fullmatch(r"[^@\s\"<>]+@[^@\s\"<>]+\.[^@\s\"<>]+", cluster.cluster.postmaster):
        text = _("must be an address, e.g. postmaster@{domain}")
        yield ("cluster", "postmaster"), text.format(domain=cluster.domain)


def timezone(cluster: Cluster) -> Found:
    """The time zone must exist."""
    try:
        ZoneInfo(cluster.cluster.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        text = _("{zone!r} is no time zone; write e.g. America/La_Paz")
        yield ("cluster", "timezone"), text.format(zone=cluster.cluster.timezone)


def subnet_has_room(cluster: Cluster) -> Found:
    """Three machines, the virtual IP and clients need room."""
    if cluster.network.subnet.prefixlen > _MIN_PREFIX:
        text = _("{subnet} is too small; use /{prefix} or larger")
        yield ("network", "subnet"), text.format(subnet=cluster.network.subnet, prefix=_MIN_PREFIX)


def addresses_in_subnet(cluster: Cluster) -> Found:
    """VRRP needs one network: the VIP and all machines are in it."""
    subnet = cluster.network.subnet
    for path, address in _addresses(cluster):
        if address not in subnet:
            yield path, _("{address} is not in network.subnet {subnet}").format(address=address, subnet=subnet)
        elif address in {subnet.network_address, subnet.broadcast_address}:
            text = _("{address} is the network's own or broadcast address; choose another")
            yield path, text.format(address=address)


def addresses_once(cluster: Cluster) -> Found:
    """No address twice: nodes, VIP, gateway, reservations."""
    counts = Counter(address for _path, address in _addresses(cluster))
    for path, address in _addresses(cluster):
        if counts[address] > 1:
            others = ", ".join(".".join(map(str, p)) for p, a in _addresses(cluster) if a == address and p != path)
            text = _("{address} is also {others}; every machine and the virtual IP need an address of their own")
            yield path, text.format(address=address, others=others)


def vip6_can_move(cluster: Cluster) -> Found:
    """The virtual IP of IPv6 is an address that several machines may have in turn, in a network with clients."""
    if (vip6 := cluster.network.vip6) is None:
        return
    path, address = ("network", "vip6"), vip6.ip
    special = (address.is_multicast, address.is_link_local, address.is_loopback, address.is_unspecified)
    if any(special) or address.ipv4_mapped:
        text = _("{address} is no address for clients; take a global one, or a unique local one, e.g. fd00:100::100/64")
        yield path, text.format(address=address)
    elif vip6.network.prefixlen > _MAX_PREFIX_6:
        text = _("write the prefix length of the network with it, e.g. {address}/64")
        yield path, text.format(address=address)
    elif address == vip6.network.network_address:
        text = _("{address} is the network's own address, which routers answer to; choose another")
        yield path, text.format(address=address)


def priorities_distinct(cluster: Cluster) -> Found:
    """The mail nodes' priorities say which is preferred, so they differ."""
    counts = Counter(node.priority for node in cluster.nodes.values() if node.is_mail)
    for node in cluster.nodes.values():
        if node.is_mail and counts[node.priority] > 1:
            text = _("another mail node has {priority} too; give the preferred one more, e.g. {more}")
            yield ("nodes", node.name, "priority"), text.format(priority=node.priority, more=node.priority + 10)


def external_storage(cluster: Cluster) -> Found:
    """Kind external needs to know what to mount."""
    if cluster.storage.kind != "external":
        return
    if not cluster.storage.external_source:
        yield ("storage", "external_source"), _('kind "external" needs what to mount, e.g. "10.0.0.5:/mail"')
    if not cluster.storage.external_type:
        yield ("storage", "external_type"), _('kind "external" needs the file system type, e.g. "nfs4" or "ceph"')


def storage_paths(cluster: Cluster) -> Found:
    """Bricks and exports are absolute paths that nothing else of the platform uses."""
    for key in ("brick", "export"):
        path = getattr(cluster.storage, key)
        if not re.fullmatch(r"(/[A-Za-z0-9._-]+)+", path) or "/../" in f"{path}/":
            text = _("{path!r} is not an absolute path without special characters, e.g. /srv/relevo/{key}")
            yield ("storage", key), text.format(path=path, key=key)
        elif path == NEXT_MOUNT:
            text = _("{path} is where a store is mounted to which mail is moved; choose another folder")
            yield ("storage", key), text.format(path=path)
        elif path.startswith("/srv/mail"):
            text = _("/srv/mail is where the mail store is mounted; choose e.g. /srv/relevo/{key}")
            yield ("storage", key), text.format(key=key)


def no_move_by_hand(cluster: Cluster) -> Found:
    """That the mail is being moved is written by the command that moves it, into the machines' own copies only."""
    if cluster.storage.moving_to:
        text = _('remove this key; to move the mail write kind = "{kind}", then: relevo storage move {kind}')
        yield ("storage", "moving_to"), text.format(kind=cluster.storage.moving_to)


def dhcp_pool(cluster: Cluster) -> Found:
    """The pool has two ends in the right order, and none of our addresses in it."""
    dhcp = cluster.dhcp
    if dhcp.server == "none" or (dhcp.pool_start is None and dhcp.pool_end is None):
        return
    if dhcp.pool_start is None or dhcp.pool_end is None:
        missing = "pool_start" if dhcp.pool_start is None else "pool_end"
        yield ("dhcp", missing), _("a pool has two ends: give both, or neither for a pool that Relevo chooses")
        return
    if dhcp.pool_start > dhcp.pool_end:
        text = _("{start} comes after pool_end {end}; swap them")
        yield ("dhcp", "pool_start"), text.format(start=dhcp.pool_start, end=dhcp.pool_end)
    for path, address in _addresses(cluster):
        if dhcp.pool_start <= address <= dhcp.pool_end and path[0] != "dhcp":
            text = _("the pool holds {address} ({key}); keep the platform's addresses out of it")
            yield ("dhcp", "pool_start"), text.format(address=address, key=".".join(map(str, path)))


def dhcp_macs_once(cluster: Cluster) -> Found:
    """A network card has one reservation."""
    counts = Counter(entry.mac for entry in cluster.dhcp.reservations)
    for index, entry in enumerate(cluster.dhcp.reservations):
        if counts[entry.mac] > 1:
            text = _("{mac} is reserved twice; keep one")
            yield ("dhcp", "reservations", index, "mac"), text.format(mac=entry.mac)


def certificate_files(cluster: Cluster) -> Found:
    """Own certificates come as two files."""
    for key in ("certificate", "key"):
        if cluster.certificates.source == "files" and not getattr(cluster.certificates, key):
            yield ("certificates", key), _('source "files" needs the path of the PEM file')


def spam_scores(cluster: Cluster) -> Found:
    """What is refused must at least be spam."""
    if cluster.filter.spam_reject_score <= cluster.filter.spam_tag_score:
        text = _("must be higher than spam_tag_score {score}")
        yield ("filter", "spam_reject_score"), text.format(score=cluster.filter.spam_tag_score)


def adverts(cluster: Cluster) -> Found:
    """VRRP has twelve bits for hundredths of a second (RFC 5798, section 5.2.7)."""
    failover = cluster.failover
    if failover.advert_seconds * failover.patience > _LONGEST_ADVERT_SECONDS:
        most = floor(100 * _LONGEST_ADVERT_SECONDS / failover.patience) / 100
        text = _("with patience = {patience:g} it can be {most:g} at most")
        yield ("failover", "advert_seconds"), text.format(patience=failover.patience, most=most)


def _addresses(cluster: Cluster) -> list[tuple[Path, IPv4Address]]:
    found: list[tuple[Path, IPv4Address]] = [(("network", "vip"), cluster.network.vip)]
    if cluster.network.gateway:
        found.append((("network", "gateway"), cluster.network.gateway))
    found += [(("nodes", node.name, "address"), node.address) for node in cluster.nodes.values()]
    found += [(("dhcp", "reservations", i, "address"), e.address) for i, e in enumerate(cluster.dhcp.reservations)]
    return found


RULES: tuple[Callable[[Cluster], Found], ...] = (
    two_mail_nodes,
    one_storage_node,
    one_role_each,
    odd_votes,
    node_names,
    host_name_in_domain,
    postmaster,
    timezone,
    subnet_has_room,
    addresses_in_subnet,
    addresses_once,
    vip6_can_move,
    priorities_distinct,
    external_storage,
    storage_paths,
    dhcp_pool,
    dhcp_macs_once,
    certificate_files,
    spam_scores,
    adverts,
)
