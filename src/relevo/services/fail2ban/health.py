"""What the agent asks fail2ban: whether its server answers. Not vital: mail flows without it."""

from __future__ import annotations

import socket

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_SOCKET = "/run/fail2ban/fail2ban.sock"
_END = b"<F2B_END_COMMAND>"
# The protocol is Python's pickle: this is pickle.dumps(["ping"], protocol=2). The answer is compared, never unpickled.
PING = b"\x80\x02]q\x00X\x04\x00\x00\x00pingq\x01a." + _END
_PONG = b"pong"


def probes(_: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    return (Probe("bans", "fail2ban", _ping, unit="fail2ban.service", vital=False, every=30, timeout=5),)


def _ping(deadline: Deadline) -> str:
    answer = b""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(deadline.left())
        connection.connect(_SOCKET)
        connection.sendall(PING)
        while _END not in answer:
            connection.settimeout(deadline.left())
            if not (part := connection.recv(4096)):
                break
            answer += part
    if _PONG not in answer:
        raise ProbeFailed(f"fail2ban answers {answer[:80]!r} to a ping")
    return "pong"
