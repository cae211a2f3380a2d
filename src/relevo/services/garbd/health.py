"""What the agent asks garbd: whether it takes part in replication. Not vital: it is one vote of three."""

from __future__ import annotations

import socket

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_PORT = 4567
_SHORTEST_GREETING = 4


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""

    def check(deadline: Deadline) -> str:
        with socket.create_connection((config["address"], _PORT), timeout=deadline.left()) as connection:
            connection.settimeout(deadline.left())
            if len(connection.recv(64)) < _SHORTEST_GREETING:
                raise ProbeFailed("garbd closed the connection without its handshake")
        return "greets"

    return (Probe("database vote", "garbd", check, unit="garb.service", vital=False, every=2, timeout=3),)
