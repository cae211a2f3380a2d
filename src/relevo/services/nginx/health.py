"""What the agent asks nginx: one real request over TLS, for a page of its own. PHP is roundcube's affair."""

from __future__ import annotations

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, loopback_tls

_HTTPS = ("127.0.0.1", 443)


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    hostname = config["hostname"]
    return (
        Probe("https", "nginx", lambda deadline: answers(hostname, deadline), unit="nginx.service", stands_on=()),
    )


def answers(hostname: str, deadline: Deadline) -> str:
    """Ask for `/robots.txt` of the platform's host name; return the first line; raise ProbeFailed if not 200."""
    with Conversation(_HTTPS, deadline, loopback_tls()) as connection:
        connection.send(f"GET /robots.txt HTTP/1.0\r\nHost: {hostname}\r\nUser-Agent: relevo-agent\r\n")
        return connection.expect("HTTP/1.1 200")
