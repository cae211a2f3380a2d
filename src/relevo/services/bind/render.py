"""The files of DNS: the primary on the storage machine, secondaries on the mail nodes, and who asks whom."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.cluster.model import Cluster, Node
from relevo.services.base import Context, File, template
from relevo.services.bind.records import reverse_zones, zone_records
from relevo.services.bind.settings import CONFIG, KEY_FILE, KEY_NAME, RESOLV_CONF, UNIT, ZONES
from relevo.services.bind.zone import zone_file


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files of one node. Zone files have the serial 0: `deploy` gives them theirs (`zone.with_serial`)."""
    package = str(__package__)
    drop_in = f"/etc/systemd/system/{UNIT}.d/relevo.conf"
    servers = name_servers(ctx.cluster, ctx.node)
    resolv = template(package, "etc/resolv.conf.j2", servers=servers, domain=ctx.cluster.domain)
    key = template(package, "etc/bind/relevo-transfer.key.j2", key_name=KEY_NAME, secret=ctx.secrets.reveal("tsig_key"))
    return (
        *(_zones(ctx) if ctx.node.is_storage else ()),
        File(KEY_FILE, key, mode=0o640, group="bind", secret=True),
        File(CONFIG, _named_conf(ctx), group="bind"),
        File(drop_in, template(package, "etc/systemd/system/named.service.d/relevo.conf.j2")),
        File(RESOLV_CONF, resolv),
    )


def zone_names(cluster: Cluster) -> tuple[str, ...]:
    """Return the zones that we serve: the first domain's and the reverse ones, none when the operator manages DNS."""
    return (cluster.domain, *reverse_zones(cluster)) if cluster.dns.manage else ()


def name_servers(cluster: Cluster, node: Node) -> tuple[str, ...]:
    """Return whom a node asks: itself, the storage machine, the others; three at most, resolv.conf(5) knows no more."""
    others = sorted((peer for peer in cluster.peers if peer != node), key=lambda peer: not peer.is_storage)
    return ("127.0.0.1", *(str(peer.address) for peer in others))[:3]


def _named_conf(ctx: Context) -> str:
    cluster, primary = ctx.cluster, ctx.cluster.storage_node
    return template(
        str(__package__), "etc/bind/named.conf.j2", subnet=cluster.network.subnet, forwarders=cluster.dns.forwarders,
        dnssec_validation=cluster.dns.dnssec_validation, primary=ctx.node == primary, primary_address=primary.address,
        secondaries=[peer.address for peer in cluster.peers if peer != primary], zones=zone_names(cluster),
        key_zone=wires.dkim_zone(cluster) if cluster.dns.manage else "", key_zones=wires.DKIM_ZONES,
        writers=[node.address for node in cluster.mail_nodes],
        folder=ZONES, key_file=KEY_FILE, key_name=KEY_NAME,
    )


def _zones(ctx: Context) -> tuple[File, ...]:
    cluster = ctx.cluster
    if not cluster.dns.manage:
        return ()
    forward = zone_file(cluster, cluster.domain, zone_records(cluster), cluster.dns.records)
    reverse = {zone: zone_file(cluster, zone, records) for zone, records in reverse_zones(cluster).items()}
    return tuple(
        File(f"{ZONES}/{zone}", text, group="bind", check=("named-checkzone", zone, "{}"))
        for zone, text in {cluster.domain: forward, **reverse}.items()
    )
