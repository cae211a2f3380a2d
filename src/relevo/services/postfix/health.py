"""What the agent asks Postfix, each time up to TLS: the three ports, and whether the database answers it."""

from __future__ import annotations

from relevo.agent.probe import AgentConfig, Deadline, Probe
from relevo.services.postfix.dialogue import ask, greet

_UNIT = "postfix.service"


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes. Port 25 asks for the probe's mailbox: that goes through proxymap to the database, and to Dovecot."""
    mailbox = config["probe_user"]

    def incoming(deadline: Deadline) -> str:
        with greet(25, deadline) as line:
            ask(line, "MAIL FROM:<>", "250")
            ask(line, f"RCPT TO:<{mailbox}>", "250")
            ask(line, "QUIT", "221")
        return "takes mail"

    def port(number: int) -> Probe:
        return Probe(f"submission-{number}", "postfix", lambda d: _submission(number, d), unit=_UNIT, every=3, timeout=3)

    return (Probe("smtp", "postfix", incoming, unit=_UNIT, every=1, timeout=3), port(465), port(587))


def _submission(port: int, deadline: Deadline) -> str:
    with greet(port, deadline) as line:
        ask(line, "QUIT", "221")
    return "answers"
