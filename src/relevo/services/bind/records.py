"""What DNS says of the platform: for machines inside (the zone that BIND serves), and for the rest of the world. Pure.

Inside, the mail host's address is the virtual IP. Outside it is `dns.public_address`, which a router passes on to the
virtual IP; without one the virtual IP itself is published. That of IPv6 is translated by nobody: inside it is always
known, outside when it is a global address.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Interface

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from relevo.cluster.model import Cluster, Node
from relevo.cluster.secrets import Secrets
from relevo.cluster.wires import CLIENT_NAMES

_TXT_CHUNK = 255  # bytes of one character-string, RFC 1035 section 3.3
_SLASH_24 = 24
_NIBBLE = 4  # bits of a label below ip6.arpa, RFC 3596 section 2.5
_NIBBLES = 32  # of a whole address

# RFC 6186 and 8314: TLS from the first byte is preferred (priority 0) to STARTTLS (10).
_CLIENT_SERVICES = (
    ("_submissions", 0, 465), ("_submission", 10, 587), ("_imaps", 0, 993), ("_imap", 10, 143),
    ("_pop3s", 20, 995), ("_pop3", 30, 110),
)


@dataclass(frozen=True)
class Record:
    """A resource record: `name` without the final dot, `data` as in a zone file, a TXT's text whole and unquoted."""

    name: str
    type: str
    data: str

    @property
    def presentation(self) -> str:
        """The data as a zone file wants it: TXT in strings of at most 255 bytes."""
        return quoted(self.data) if self.type == "TXT" else self.data


def quoted(text: str) -> str:
    """Return a text as TXT data: strings of at most 255 bytes, which readers join again (RFC 7208 section 3.3)."""
    chunks = [text[start : start + _TXT_CHUNK] for start in range(0, len(text), _TXT_CHUNK)] or [""]
    return " ".join('"' + chunk.replace("\\", "\\\\").replace('"', '\\"') + '"' for chunk in chunks)


def node_name(cluster: Cluster, node: Node) -> str:
    """Return a machine's full name."""
    return f"{node.name}.{cluster.domain}"


def zone_records(cluster: Cluster, secrets: Secrets) -> tuple[Record, ...]:
    """Return the records of the first domain's zone as the inside sees it, without SOA and NS."""
    known = [Record(node_name(cluster, node), "A", str(node.address)) for node in cluster.peers]
    host = _host(cluster, cluster.network.vip)
    return (*known, *host, *mail_records(cluster, secrets, cluster.domain, outside=False))


def published_records(cluster: Cluster, secrets: Secrets, domain: str) -> tuple[Record, ...]:
    """Return what the public DNS must say so that a mail domain works for everybody, with the host's PTR."""
    address = public_address(cluster)
    host = _host(cluster, address, anywhere=True) if domain == cluster.domain else ()
    named = (address, *_addresses_6(cluster, outside=True)) if domain == cluster.domain else ()
    pointers = [Record(each.reverse_pointer, "PTR", f"{cluster.hostname}.") for each in named]
    return (*host, *mail_records(cluster, secrets, domain, outside=True), *pointers)


def public_address(cluster: Cluster) -> IPv4Address:
    """Return the address under which the world reaches the platform."""
    return cluster.dns.public_address or cluster.network.vip


def mail_records(cluster: Cluster, secrets: Secrets, domain: str, *, outside: bool) -> tuple[Record, ...]:
    """Return the records that make a domain a mail domain of this platform."""
    host = f"{cluster.hostname}."
    key = dkim_public_key(secrets.reveal("dkim_key"))
    # Reports go to the domain's own postmaster: another domain's would have to agree first (RFC 7489, section 7.1).
    postmaster = cluster.cluster.postmaster if domain == cluster.domain else f"postmaster@{domain}"
    dmarc = f"v=DMARC1; p={cluster.dns.dmarc_policy}; rua=mailto:{postmaster}"
    services = [
        Record(f"{service}._tcp.{domain}", "SRV", f"{priority} 1 {port} {host}")
        for service, priority, port in _CLIENT_SERVICES
    ]
    return (
        Record(domain, "MX", f"10 {host}"),
        Record(domain, "TXT", _spf("mx", cluster, outside=outside)),
        Record(f"{cluster.dns.dkim_selector}._domainkey.{domain}", "TXT", f"v=DKIM1; k=rsa; p={key}"),
        Record(f"_dmarc.{domain}", "TXT", dmarc),
        *services,
        Record(f"_autodiscover._tcp.{domain}", "SRV", f"0 0 443 {host}"),
        *(Record(f"{name}.{domain}", "CNAME", host) for name in CLIENT_NAMES),
    )


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


def dkim_public_key(private_pem: str) -> str:
    """Return the `p=` of a DKIM record (RFC 6376 section 3.6.1): the public key, DER, base64."""
    public = load_pem_private_key(private_pem.encode(), password=None).public_key()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _host(cluster: Cluster, address: IPv4Address, *, anywhere: bool = False) -> tuple[Record, ...]:
    """Return address and SPF of the name in our HELO (bounces have no other sender, RFC 7208 section 2.4)."""
    name = cluster.hostname
    if not (anywhere or name == cluster.domain or name.endswith(f".{cluster.domain}")):
        return ()
    records = [Record(name, "A", str(address))]
    records += [Record(name, "AAAA", str(each)) for each in _addresses_6(cluster, outside=anywhere)]
    if name != cluster.domain:  # else the domain's own SPF record stands there
        records.append(Record(name, "TXT", _spf("a", cluster, outside=anywhere)))
    return tuple(records)


def _spf(first: str, cluster: Cluster, *, outside: bool) -> str:
    four = [f"ip4:{address}" for address in _senders(cluster, outside=outside)]
    six = [f"ip6:{address}" for address in _addresses_6(cluster, outside=outside)]
    return " ".join(["v=spf1", first, *four, *six, *cluster.dns.spf_extra, "-all"])


def _senders(cluster: Cluster, *, outside: bool) -> Iterable[IPv4Address]:
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


def _reverse_zone_6(address: IPv6Interface) -> str:
    """Return the zone of an address's network; where that ends within a label, of the part that holds the address."""
    nibbles = -(-address.network.prefixlen // _NIBBLE)
    return ".".join(address.ip.reverse_pointer.split(".")[_NIBBLES - nibbles :])


def _reverse_zone(address: IPv4Address) -> str:
    return ".".join(str(IPv4Network((address, _SLASH_24), strict=False).network_address.reverse_pointer).split(".")[1:])
