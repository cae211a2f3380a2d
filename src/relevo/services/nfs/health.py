"""What the agent asks the NFS server: an answer to the NULL call of NFSv4 (RFC 5531, RFC 7530)."""

from __future__ import annotations

import socket
import struct

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_PORT = 2049
_NFS, _VERSION = 100003, 4
_LAST_FRAGMENT = 1 << 31
_CALL_NUMBER = 0x52656C65
_HEAD = struct.Struct("!IIIIII")  # fragment, call number, reply, accepted, verifier's flavour and length


def null_call() -> bytes:
    """Return the call: number, call, RPC 2, program, version, procedure 0, no credentials, no verifier."""
    body = struct.pack("!10I", _CALL_NUMBER, 0, 2, _NFS, _VERSION, 0, 0, 0, 0, 0)
    return struct.pack("!I", _LAST_FRAGMENT | len(body)) + body


def judge(answer: bytes) -> str:
    """Return a short word on a good answer; raise ProbeFailed on another."""
    if len(answer) < _HEAD.size:
        raise ProbeFailed("the NFS server closed the connection")
    _, number, reply, accepted, *_ = _HEAD.unpack_from(answer)
    if (number, reply, accepted) != (_CALL_NUMBER, 1, 0):
        raise ProbeFailed("the NFS server refuses the call")
    return "answers"


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""

    def check(deadline: Deadline) -> str:
        with socket.create_connection((config["address"], _PORT), timeout=deadline.left()) as connection:
            connection.sendall(null_call())
            connection.settimeout(deadline.left())
            return judge(connection.recv(256))

    return (Probe("NFS server", "nfs", check, unit="nfs-server.service", every=1, timeout=2),)
