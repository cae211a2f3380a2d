"""What the agent asks: whether the index of the mail journal answers at its socket.

Nothing of it is vital: mail flows without it.
"""

from __future__ import annotations

import json

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed

_NOTHING = '{"do": "nothing"}'  # that is refused at once, without a look into the index


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
    """Ask for nothing at a UNIX socket; raise ProbeFailed unless that is refused."""
    with Conversation(path, deadline) as connection:
        connection.send(_NOTHING)
        line = connection.line()
    try:
        refused = json.loads(line)["refused"]
    except (ValueError, LookupError, TypeError):
        raise ProbeFailed(f"it answers {line[:60]!r}") from None
    return "answers" if refused else "answers strangely"
