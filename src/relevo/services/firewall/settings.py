"""Packages and constants of the firewall."""

from __future__ import annotations

from relevo.services.base import Context

UNIT = "ufw.service"
FOLDER = "/etc/ufw"


def packages(ctx: Context) -> tuple[str, ...]:  # noqa: ARG001 - the contract gives every service its context
    """Return UFW and what it works with."""
    return ("iptables", "ufw")
