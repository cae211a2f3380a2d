"""All records are answered by both mail nodes while the primary name server is dead; a client gets its address.

Given the zone whose primary is on the storage machine,
when named is stopped there, then each mail node answers A, MX, SPF, the DKIM keys that the platform has now, DMARC,
SRV, CNAME and PTR as an authority;
when a new client asks for an address, then it gets one from the pool, with our name servers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from dns.exception import DNSException

from relevo.cluster.wires import CLIENT_NAMES
from relevo.drills import names
from relevo.drills.drill import Drill
from relevo.drills.lease import obtain
from relevo.drills.names import Records
from relevo.drills.nodes import Node
from relevo.drills.signing import keys
from relevo.drills.vocabulary import World
from relevo.i18n import _

_SRV = {  # RFC 6186 and RFC 8314
    "_submission._tcp": 587, "_submissions._tcp": 465, "_imap._tcp": 143, "_imaps._tcp": 993, "_pop3._tcp": 110,
    "_pop3s._tcp": 995,
}


@dataclass(frozen=True)
class Wanted:
    """A record that must be there: its title, name, kind, what is expected in words, and the test of what came."""

    title: str
    name: str
    kind: str
    expected: str
    fits: Callable[[str], bool]


def run(world: World) -> None:
    """Stop the primary, ask both secondaries; then ask for a lease."""
    if world.cluster.dns.manage:
        every = [*wanted_records(world), *_wanted_keys(world)]
        world.storage_node.stop("named")
        try:
            _primary_is_silent(world)
            for node in world.mail_nodes:
                for wanted in every:
                    _answered(node, world, wanted)
        finally:
            world.restore()
    else:
        world.recorder.not_run(_("records"), _("dns.manage is false: the zone is not ours"))
    _lease(world)


def wanted_records(world: World) -> tuple[Wanted, ...]:
    """Return the records that the zone of the first domain and the reverse zone must have, whatever key signs."""
    cluster = world.cluster
    domain, host = cluster.domain, cluster.hostname
    public = str(cluster.dns.public_address or cluster.vip)
    policy = cluster.dns.dmarc_policy
    return (
        Wanted("A", host, "A", public, lambda text: text == public),
        Wanted("MX", domain, "MX", host, lambda text: text.split()[-1:] == [host]),
        Wanted("SPF", domain, "TXT", "v=spf1 … -all", lambda text: text.startswith("v=spf1 ") and "-all" in text),
        Wanted("DMARC", f"_dmarc.{domain}", "TXT", f"p={policy}", lambda text: _tags(text).get("p") == policy),
        *(
            Wanted(f"SRV {service}", f"{service}.{domain}", "SRV", f"{port} {host}", _ends_with(f"{port} {host}"))
            for service, port in _SRV.items()
        ),
        *(
            Wanted(f"CNAME {name}", f"{name}.{domain}", "CNAME", host, lambda text: text == host)
            for name in CLIENT_NAMES
        ),
        Wanted("PTR", names.reverse(cluster.vip), "PTR", host, lambda text: text == host),
        *_wanted_6(cluster.vip6, host),
    )


def _wanted_keys(world: World) -> tuple[Wanted, ...]:
    """Return the records of the keys that the platform has now: the one of its secrets file may be long gone."""
    domain = world.cluster.domain
    found = keys(world, domain)
    if not any(key["state"] == "signing" for key in found):
        world.recorder.not_run("DKIM", _("no key of {domain} signs: `relevo dkim list {domain}`").format(domain=domain))
    return key_records(found)


def key_records(found: Iterable[Mapping[str, object]]) -> tuple[Wanted, ...]:
    """Return the record of each key: one that no longer signs is verified with as long as mail is under way."""
    return tuple(
        Wanted(f"DKIM {key['selector']}", str(key["record"]), "TXT", _("our public key"), _has_key(str(key["public"])))
        for key in found
    )


def _wanted_6(vip6: str, host: str) -> Iterable[Wanted]:
    if vip6:
        yield Wanted("AAAA", host, "AAAA", vip6, lambda text: text == vip6)
        yield Wanted(_("PTR of IPv6"), names.reverse(vip6), "PTR", host, lambda text: text == host)


def _has_key(public: str) -> Callable[[str], bool]:
    return lambda text: _tags(text).get("p") == public


def _ends_with(end: str) -> Callable[[str], bool]:
    return lambda text: text.endswith(end)


def _primary_is_silent(world: World) -> None:
    server = world.storage_node.address
    with world.checking(
        _("the primary is dead"), tried=_("stop named on {node}, then ask it").format(node=world.storage_node.name),
        expected=_("no answer"),
    ) as check:
        try:
            records = names.ask(server, world.cluster.domain, "SOA")
        except (OSError, DNSException) as silence:
            check.saw(str(silence) or type(silence).__name__, good=True)
        else:
            check.saw(str(records), good=False)


def _answered(node: Node, world: World, wanted: Wanted) -> None:
    with world.checking(
        _("{record} from {node}").format(record=wanted.title, node=node.name),
        tried=f"{wanted.kind} {wanted.name} @{node.address}",
        expected=_("{expected}, as an authority").format(expected=wanted.expected),
    ) as check:
        records = names.ask(node.address, wanted.name, wanted.kind)
        check.saw(_shown(records), good=records.authoritative and any(wanted.fits(text) for text in records.texts))


def _shown(records: Records) -> str:
    return str(records)[:160] + ("" if records.authoritative else _(" (not an authority)"))


def _lease(world: World) -> None:
    dhcp = world.cluster.dhcp
    if dhcp.server == "none":
        world.recorder.not_run(_("DHCP lease"), _("dhcp.server is none: the addresses are not ours to give"))
        return
    with world.checking(
        _("DHCP lease"), tried=_("ask for an address as a new machine does (udhcpc)"),
        expected=_("one of our network, with our name servers"),
    ) as check:
        lease = obtain(world)
        servers = {str(node.address) for node in world.cluster.peers} | {world.cluster.vip}
        inside = IPv4Address(lease.address) in world.cluster.network.subnet
        text = _("{address}, name servers {dns}, {seconds} s").format(
            address=lease.address, dns=" ".join(lease.name_servers) or "-", seconds=lease.seconds,
        )
        check.saw(text, good=inside and bool(lease.name_servers) and set(lease.name_servers) <= servers)


def _tags(text: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): value.strip() for name, _equals, value in pairs}


DRILL = Drill(
    "dns-dhcp", _("DNS and DHCP"),
    _("All records come from both mail nodes while the primary is dead; a client gets its lease."), run,
)
