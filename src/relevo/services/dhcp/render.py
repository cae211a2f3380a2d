"""The files of DHCP: Kea's, or ISC dhcpd's."""

from __future__ import annotations

import json

from relevo.services.base import Context, File, template
from relevo.services.dhcp.pool import pool
from relevo.services.dhcp.settings import (
    ISC_CONFIG,
    ISC_DEFAULTS,
    ISC_UNIT,
    ISC_UNIT_FILE,
    KEA_CONFIG,
    KEA_DROP_IN,
    KEA_UNIT,
)


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files of the server that the cluster file names."""
    return _kea(ctx) if ctx.cluster.dhcp.server == "kea" else _isc(ctx)


def _kea(ctx: Context) -> tuple[File, ...]:
    logs_to = "output-options" if ctx.facts.release.generation >= 13 else "output_options"  # noqa: PLR2004 - since 2.5
    text = template(str(__package__), "etc/kea/kea-dhcp4.conf.j2", **_values(ctx), quote=json.dumps, logs_to=logs_to)
    drop_in = template(str(__package__), f"etc/systemd/system/{KEA_UNIT}.d/relevo.conf.j2")
    return (File(KEA_CONFIG, text, check=("kea-dhcp4", "-t", "{}")), File(KEA_DROP_IN, drop_in))


def _isc(ctx: Context) -> tuple[File, ...]:
    text = template(str(__package__), "etc/dhcp/dhcpd.conf.j2", **_values(ctx))
    defaults = template(str(__package__), "etc/default/isc-dhcp-server.j2", interface=ctx.facts.interface)
    unit = template(str(__package__), f"etc/systemd/system/{ISC_UNIT}.j2")
    return (
        File(ISC_CONFIG, text, check=("dhcpd", "-t", "-cf", "{}")),
        File(ISC_DEFAULTS, defaults),
        File(ISC_UNIT_FILE, unit),
    )


def _values(ctx: Context) -> dict[str, object]:
    """Return what both servers are told."""
    cluster = ctx.cluster
    first, last = pool(cluster)
    servers = [cluster.storage_node, *(node for node in cluster.mail_nodes if node != cluster.storage_node)]
    return {
        "interface": ctx.facts.interface, "subnet": cluster.network.subnet, "first": first, "last": last,
        "gateway": cluster.network.gateway, "domain": cluster.domain, "lease": cluster.dhcp.lease_seconds,
        "servers": [str(node.address) for node in servers], "reservations": cluster.dhcp.reservations,
    }
