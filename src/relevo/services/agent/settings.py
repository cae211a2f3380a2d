"""Debian packages of the agent, and its constants."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.base import Context

UNIT = "relevo-agent.service"
KEY_FILE = wires.AGENT_KEY


def packages(_: Context) -> tuple[str, ...]:
    """Return the packages it needs: the bus over which systemd tells of units."""
    return ("dbus",)
