"""What the agent asks Amavis."""

from __future__ import annotations

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes. Vital: without the filter Postfix answers 451 to every message."""
    port = int(config["amavis_inbound_port"])

    def hello(deadline: Deadline) -> str:
        with Conversation(("127.0.0.1", port), deadline) as line:
            line.expect("220")
            line.send("EHLO relevo-probe")
            while (answer := line.line()).startswith("250-"):
                pass
            if not answer.startswith("250 "):
                raise ProbeFailed(f"EHLO: {answer[:120]!r}")
            line.send("QUIT")
        return "answers"

    # All children may be at work, and 20 clients wait for their turn before us: that is load, not a fault. A restart
    # then turns all of them away (451).
    return (Probe("amavis", "amavis", hello, unit="amavis.service", every=2, timeout=8, patient=True),)
