"""Packages and constants of the firewall."""

from __future__ import annotations

from relevo.services.base import Context

UNIT = "ufw.service"
FOLDER = "/etc/ufw"
USER_RULES = {"iptables": f"{FOLDER}/user.rules", "ip6tables": f"{FOLDER}/user6.rules"}
DROPS = "-P INPUT DROP"  # so says `iptables -S` where what no rule lets in is dropped
USER_CHAINS = {"iptables": "ufw-user-input", "ip6tables": "ufw6-user-input"}


def packages(ctx: Context) -> tuple[str, ...]:  # noqa: ARG001 - the contract gives every service its context
    """Return UFW and what it works with."""
    return ("iptables", "ufw")
