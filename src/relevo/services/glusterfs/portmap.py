"""Does glusterd tell clients where this machine's copy listens? Asked of it as a client asks; standard library only.

A brick that glusterd starts twice at once runs and listens afterwards, but glusterd names no port for it (seen when
`gluster volume start` of another machine came just as glusterd began): who is connected goes on, nobody who comes anew
finds the copy, and nothing else says so. Only glusterd's own restart mends it.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from pathlib import Path

from relevo.agent.probe import Deadline, ProbeFailed

MANAGEMENT = ("127.0.0.1", 24007)
_INFO = "/var/lib/glusterd/vols/{volume}/info"
_STARTED = "status=1"
_LOW_PORTS = range(1023, 511, -1)  # it answers no others
# RFC 5531; the program and its procedure are GF_PMAP_PROGRAM and GF_PMAP_PORTBYBRICK of Gluster's rpc/rpc-lib
_CALL, _RPC, _PROGRAM, _VERSION, _PORT_BY_BRICK = 0, 2, 34123456, 1, 1
_LAST, _OURS = 0x80000000, 7
_WELL = struct.pack(">6I", _OURS, 1, 0, 0, 0, 0)  # our call was accepted, with an empty verifier, and went well
_ANSWER = struct.Struct(">4i")  # result, errno, status, port


class PortMap:
    """What glusterd says of one brick."""

    def __init__(self, brick: str, volume: str, info: str = "", management: tuple[str, int] = MANAGEMENT) -> None:
        """Take the brick's directory and the volume; `info`, `management`: where glusterd keeps and says what it is."""
        self._brick, self._info, self._management = brick, Path(info or _INFO.format(volume=volume)), management

    def check(self, deadline: Deadline) -> str:
        """Return "" where clients find it; raise ProbeFailed where they should and glusterd names no port."""
        if not self._is_started():
            return "no volume is started"
        result, port = self._ask(deadline)
        if result < 0 or (result == 0 and port == 0):
            raise ProbeFailed("glusterd tells nobody where this machine's copy listens: who comes anew can't use it")
        return "" if result == 0 else "glusterd does not say where it listens"

    def _is_started(self) -> bool:
        with suppress(OSError):
            return _STARTED in self._info.read_text(encoding="utf-8").split()
        return False

    def _ask(self, deadline: Deadline) -> tuple[int, int]:
        """Return result and port; a result over 0 where the answer is not understood."""
        answer = call(_PORT_BY_BRICK, text(self._brick), deadline, self._management)
        if len(answer) != _ANSWER.size:
            return 1, 0
        result, _errno, _status, port = _ANSWER.unpack(answer)
        return result, port


def text(words: str) -> bytes:
    """Return a string as a procedure's argument (RFC 4506, 4.11)."""
    told = words.encode()
    return struct.pack(">I", len(told)) + told + bytes(-len(told) % 4)


def call(procedure: int, arguments: bytes, deadline: Deadline, management: tuple[str, int] = MANAGEMENT) -> bytes:
    """Call a procedure of glusterd's port map; return what it answers, empty when it refuses to. Raises OSError."""
    told = struct.pack(">10I", _OURS, _CALL, _RPC, _PROGRAM, _VERSION, procedure, 0, 0, 0, 0) + arguments
    with _connect(deadline, management) as connection:
        connection.sendall(struct.pack(">I", _LAST | len(told)) + told)
        with connection.makefile("rb") as answers:
            length = int.from_bytes(answers.read(4)) & ~_LAST
            answer = answers.read(length)
    return answer.removeprefix(_WELL) if answer.startswith(_WELL) else b""


def _connect(deadline: Deadline, management: tuple[str, int]) -> socket.socket:
    connection = socket.socket()
    connection.settimeout(deadline.left())
    try:
        for port in _LOW_PORTS:
            with suppress(OSError):  # it is taken
                connection.bind(("", port))
                break
        connection.connect(management)
    except BaseException:
        connection.close()
        raise
    return connection
