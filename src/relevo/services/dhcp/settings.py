"""Packages and constants of DHCP."""

from __future__ import annotations

from relevo.services.base import Context

KEA_UNIT = "kea-dhcp4-server.service"
KEA_CONFIG = "/etc/kea/kea-dhcp4.conf"
KEA_DROP_IN = f"/etc/systemd/system/{KEA_UNIT}.d/relevo.conf"
ISC_UNIT = "isc-dhcp-server.service"
ISC_CONFIG = "/etc/dhcp/dhcpd.conf"
ISC_DEFAULTS = "/etc/default/isc-dhcp-server"
ISC_UNIT_FILE = f"/etc/systemd/system/{ISC_UNIT}"


def packages(ctx: Context) -> tuple[str, ...]:
    """Return the server that the cluster file names."""
    return ("kea-dhcp4-server",) if ctx.cluster.dhcp.server == "kea" else ("isc-dhcp-server",)
