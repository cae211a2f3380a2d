"""What the agent asks the administration: a page by its socket that takes the application and the database to make.

Nothing of it is vital: a broken administration must never move the virtual IP.
"""

from __future__ import annotations

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    path, hostname = config["web_socket"], config["hostname"]
    return (
        Probe(
            "administration", "web", lambda deadline: answers(path, hostname, deadline), unit="relevo-web.service",
            vital=False, every=10, timeout=5,
        ),
    )


def answers(path: str, hostname: str, deadline: Deadline) -> str:
    """Ask for `/health` at a UNIX socket; return what it says, raise ProbeFailed when that is not fine."""
    with Conversation(path, deadline) as connection:
        connection.send(f"GET /health HTTP/1.0\r\nHost: {hostname}\r\nUser-Agent: relevo-agent\r\n")
        head, _, body = connection.read_until_closed().partition(b"\r\n\r\n")
    text = body.decode(errors="replace").strip()
    if not head.startswith(b"HTTP/") or b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise ProbeFailed(text[:160] or f"it answers {head[:60].decode(errors='replace')!r}")
    return text
