"""What the agent asks: whether the control of the mail queues answers at its socket, and how much mail it has counted.

How long the queues are, Postfix's own probe says.

Nothing of it is vital: mail flows without it.
"""

from __future__ import annotations

import json

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Measured, Probe, ProbeFailed

_FLOW = '{"do": "flow", "here": true}'  # that is known already: no queue is looked at


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    path = config["queue_socket"]
    return (
        Probe(
            "queue-control", "queue", lambda deadline: answers(path, deadline), unit="relevo-queue-control.service",
            vital=False, every=15, timeout=5,
        ),
    )


def answers(path: str, deadline: Deadline) -> str:
    """Ask at a UNIX socket for what was counted; raise ProbeFailed when neither that comes nor a refusal."""
    with Conversation(path, deadline) as connection:
        connection.send(_FLOW)
        line = connection.line()
    try:
        told = json.loads(line)
        if told.get("refused"):
            return "answers"  # of a version that does not count yet
        totals = told["flows"][0]["totals"]
        return Measured("answers", {"mail_flow": {str(kind): float(count) for kind, count in totals.items()}})
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ProbeFailed(f"it answers {line[:60]!r}") from None
