"""What the agent asks the monitoring: do its four processes answer, and can people be told? Nothing of it is vital.

Whether the figures themselves arrive is for Prometheus to say (its alert FiguresMissing).
"""

from __future__ import annotations

from functools import partial

from relevo.agent.probe import AgentConfig, Conversation, Deadline, Probe, ProbeFailed

_FINE = "200"


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes, none where the monitoring is switched off or elsewhere."""
    if config.get("alerts") != "yes" or "storage" not in config["roles"].split(","):
        return ()

    def one(name: str, unit: str, port: str, path: str) -> Probe:
        ask = partial(_answers, int(config[port]), path)
        return Probe(name, "prometheus", ask, unit=unit, vital=False, every=10, timeout=3)

    return (
        one("prometheus", "prometheus.service", "prometheus_port", "/-/healthy"),
        one("alertmanager", "prometheus-alertmanager.service", "alertmanager_port", "/-/healthy"),
        one("metrics", "relevo-metrics.service", "metrics_port", "/"),
        one("notify", "relevo-notify.service", "notify_port", "/state"),
        # no unit: a restart mends no way, and would forget what waits
        one("ways", "", "notify_port", "/health"),
    )


def _answers(port: int, path: str, deadline: Deadline) -> str:
    """Ask for a path; an answer that is not fine is told in its own words."""
    with Conversation(("127.0.0.1", port), deadline) as line:
        line.send_bytes(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = line.read_until_closed().partition(b"\r\n\r\n")
    code, text = _code(head), body.decode(errors="replace").strip()
    if code == _FINE or path == "/":
        return text if path == "/health" else "answers"
    raise ProbeFailed(text[:160] or f"it answers {code}")


def _code(head: bytes) -> str:
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/"):  # noqa: PLR2004 - version and code (RFC 9112, section 4)
        raise ProbeFailed("it does not speak HTTP")
    return words[1].decode(errors="replace")
