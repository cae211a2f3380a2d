"""Zone files, and the serial that only grows. Pure: the installed file is given as text.

What is rendered has the serial 0; `with_serial` gives it the installed one as long as nothing else differs, so that a
zone changes its serial exactly when it changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from relevo.cluster.model import Cluster
from relevo.services.base import template
from relevo.services.bind.records import Record, node_name
from relevo.services.bind.settings import EXPIRE, REFRESH, RETRY

_SERIAL = re.compile(r"^(\s+)(\d+)( ; serial)$", re.MULTILINE)


def zone_file(cluster: Cluster, zone: str, records: Sequence[Record], extra: Sequence[str] = ()) -> str:
    """Return the text of a zone; `extra` are lines in zone-file format that the operator wrote."""
    servers = [cluster.storage_node, *(node for node in cluster.peers if node != cluster.storage_node)]
    rows = [(relative(record.name, zone), record.type, record.presentation) for record in records]
    return template(
        str(__package__), "etc/bind/zones/zone.j2", zone=zone, ttl=cluster.dns.ttl, rows=rows, extra=extra,
        servers=[node_name(cluster, node) for node in servers], contact=mailbox_name(cluster.cluster.postmaster),
        refresh=REFRESH, retry=RETRY, expire=EXPIRE,
    )


def with_serial(wanted: str, installed: str | None, now: int) -> str:
    """Return the wanted zone with its serial: the installed one when the rest is the same, else a higher one.

    A new serial is the time in seconds (`now`), or the installed one plus one when that is not yet past: so it also
    grows when the primary was installed anew and its old file is lost (RFC 1982: by up to 2^31 - 1 at once).
    """
    old = serial_of(installed) if installed else None
    if old is not None and installed is not None and _set(installed, 0) == _set(wanted, 0):
        return installed
    return _set(wanted, max(now, (old or 0) + 1))


def serial_of(text: str) -> int | None:
    """Return the serial of a zone file of ours, None when there is none."""
    found = _SERIAL.search(text)
    return int(found[2]) if found else None


def relative(name: str, zone: str) -> str:
    """Return a name as it is written inside a zone: `@`, relative, or absolute with its dot."""
    if name == zone:
        return "@"
    return name.removesuffix(f".{zone}") if name.endswith(f".{zone}") else f"{name}."


def mailbox_name(address: str) -> str:
    """Return a mail address as SOA wants it (RFC 1035 section 8): dots of the local part escaped, the @ a dot."""
    local, _, domain = address.partition("@")
    return local.replace(".", "\\.") + f".{domain}."


def _set(text: str, serial: int) -> str:
    return _SERIAL.sub(rf"\g<1>{serial}\g<3>", text, count=1)
