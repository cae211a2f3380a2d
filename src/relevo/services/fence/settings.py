"""Packages and constants of fence and gate."""

from __future__ import annotations

from relevo.cluster.wires import STATE_DIRECTORY
from relevo.services.base import Context

FENCE_FILE = "/etc/relevo/fence.nft"
GATE_FILE = "/etc/relevo/gate.nft"
HANDOVER_FILE = "/etc/relevo/handover.nft"
KEPT_FOLDER = f"{STATE_DIRECTORY}/fence.d"  # where the agent keeps, over a reboot, whom it has cut off

def packages(ctx: Context) -> tuple[str, ...]:  # noqa: ARG001 - the contract gives every service its context
    """Return nft for the tables, and ss, with which the agent ends connections."""
    return ("iproute2", "nftables")
