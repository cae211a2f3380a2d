"""Packages and constants of DNS."""

from __future__ import annotations

from relevo.services.base import Context

UNIT = "named.service"
CONFIG = "/etc/bind/named.conf"
KEY_FILE = "/etc/bind/relevo-transfer.key"
KEY_NAME = "relevo-transfer"
ZONES = "/etc/bind/zones"  # the primary's files; only we write them
RESOLV_CONF = "/etc/resolv.conf"


def packages(ctx: Context) -> tuple[str, ...]:  # noqa: ARG001 - the contract gives every service its context
    """Return the server and its checking tools."""
    return ("bind9", "bind9-utils")
