"""Zone files. Pure: what is rendered has the serial 0, `records.zone.with_serial` gives it its own."""

from __future__ import annotations

from collections.abc import Sequence

from relevo.cluster import wires
from relevo.cluster.model import Cluster
from relevo.records.mail import PublicKey
from relevo.records.record import Record
from relevo.records.zone import EXPIRE, REFRESH, RETRY, key_zone, mailbox_name
from relevo.services.base import template


def zone_file(cluster: Cluster, zone: str, records: Sequence[Record], extra: Sequence[str] = ()) -> str:
    """Return the text of a zone; `extra` are lines in zone-file format that the operator wrote."""
    rows = [(relative(record.name, zone), record.type, record.presentation) for record in records]
    return template(
        str(__package__), "etc/bind/zones/zone.j2", zone=zone, ttl=cluster.dns.ttl, rows=rows, extra=extra,
        servers=wires.name_servers(cluster), contact=mailbox_name(cluster.cluster.postmaster),
        refresh=REFRESH, retry=RETRY, expire=EXPIRE,
    )


def first_key_zone(cluster: Cluster, public_key: str) -> str:
    """Return the zone of the first domain's DKIM keys as it is before the database has a say."""
    return key_zone(
        cluster.domain, [PublicKey(cluster.dns.dkim_selector, public_key)], servers=wires.name_servers(cluster),
        contact=cluster.cluster.postmaster, ttl=cluster.dns.ttl,
    )


def relative(name: str, zone: str) -> str:
    """Return a name as it is written inside a zone: `@`, relative, or absolute with its dot."""
    if name == zone:
        return "@"
    return name.removesuffix(f".{zone}") if name.endswith(f".{zone}") else f"{name}."

