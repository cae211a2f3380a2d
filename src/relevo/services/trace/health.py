"""What the agent asks: whether the index of the mail journal answers at its socket, and is being written.

Nothing of it is vital: mail flows without it.
"""

from __future__ import annotations

import json

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed

_STATE = '{"do": "state"}'  # which needs no look into the index
_SILENT_SECONDS = 600  # the agent's own probes make the mail services write lines all the time


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    path = config["trace_socket"]
    return (
        Probe(
            "trace", "trace", lambda deadline: answers(path, deadline), unit="relevo-trace.service", vital=False,
            every=15, timeout=5,
        ),
    )


def answers(path: str, deadline: Deadline) -> str:
    """Ask at a UNIX socket when it has read from the journal; raise ProbeFailed when that is long ago."""
    with Conversation(path, deadline) as connection:
        connection.send(_STATE)
        line = connection.line()
    try:
        silent = int(json.loads(line)["silent"])
    except (ValueError, LookupError, TypeError):
        raise ProbeFailed(f"it answers {line[:60]!r}") from None
    if silent > _SILENT_SECONDS:
        minutes = silent // 60
        raise ProbeFailed(f"it has read nothing from the journal for {minutes} min: journalctl -u relevo-trace")
    return "answers"
