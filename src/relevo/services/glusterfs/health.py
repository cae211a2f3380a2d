"""What the agent asks GlusterFS. Not vital: whether mail can be written, `storage` asks over the mounted volume."""

from __future__ import annotations

import socket

from relevo.agent.probe import AgentConfig, Deadline, Probe

_MANAGEMENT = ("127.0.0.1", 24007)


def probes(_: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    return (
        Probe("glusterd", "glusterfs", _management, unit="glusterd.service", vital=False, every=2, timeout=2),
    )


def _management(deadline: Deadline) -> str:
    """Connect to the management daemon: it mounts, heals and starts bricks, but files pass without it."""
    with socket.create_connection(_MANAGEMENT, timeout=deadline.left()):
        return "answers"
