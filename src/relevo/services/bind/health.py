"""Is the name server alive? One real question over UDP."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

LOCAL = ("127.0.0.1", 53)
A, SOA = 1, 6
NOERROR, NXDOMAIN = 0, 3
_RECURSION_DESIRED = 0x0100
_AUTHORITATIVE = 0x0400
_RCODE = 0x000F


@dataclass(frozen=True)
class Answer:
    """What a name server said: code (RFC 1035 section 4.1.1), number of records, whether it knows it first-hand."""

    code: int
    records: int
    authoritative: bool


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Ask this node's own BIND for the platform's name. Not vital: resolv.conf names two more servers."""
    name = config["hostname"]

    def check(deadline: Deadline) -> str:
        return judge(name, ask(name, A, LOCAL, deadline))

    return (Probe("bind", "bind", check, unit="named.service", vital=False, every=2.0),)


def judge(name: str, answer: Answer) -> str:
    """Return what is to be said of an answer; raise ProbeFailed when the server could not give a real one."""
    if answer.code not in {NOERROR, NXDOMAIN}:
        raise ProbeFailed(f"{name}: the name server answers with code {answer.code}")
    return "answers" if answer.records else f"answers, but knows no {name}"


def ask(name: str, kind: int, server: tuple[str, int], deadline: Deadline) -> Answer:
    """Ask a name server one question over UDP; raises ProbeFailed or OSError when no answer comes in time."""
    number = os.urandom(2)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    header = number + struct.pack("!5H", _RECURSION_DESIRED, 1, 0, 0, 0)
    question = header + labels + b"\0" + struct.pack("!2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(server)
        sock.send(question)
        while True:
            sock.settimeout(deadline.left())
            reply = sock.recv(4096)
            if len(reply) >= 12 and reply[:2] == number:  # noqa: PLR2004 - the header's length
                break
    flags, _, records = struct.unpack("!3H", reply[2:8])
    return Answer(flags & _RCODE, records, bool(flags & _AUTHORITATIVE))
