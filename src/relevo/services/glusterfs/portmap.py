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

_MANAGEMENT = ("127.0.0.1", 24007)
_INFO = "/var/lib/glusterd/vols/{volume}/info"
_STARTED = "status=1"
_LOW_PORTS = range(1023, 511, -1)  # it answers no others
# RFC 5531; the program and its procedure are GF_PMAP_PROGRAM and GF_PMAP_PORTBYBRICK of Gluster's rpc/rpc-lib
_CALL, _RPC, _PROGRAM, _VERSION, _PORT_BY_BRICK = 0, 2, 34123456, 1, 1
_LAST, _OURS = 0x80000000, 7
_ANSWER = struct.Struct(">6I4i")  # xid, reply, accepted, verifier (2), success; result, errno, status, port
_WELL = (_OURS, 1, 0, 0, 0, 0)


class PortMap:
    """What glusterd says of one brick."""

    def __init__(self, brick: str, volume: str, info: str = "", management: tuple[str, int] = _MANAGEMENT) -> None:
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
        name = self._brick.encode()
        call = struct.pack(">10I", _OURS, _CALL, _RPC, _PROGRAM, _VERSION, _PORT_BY_BRICK, 0, 0, 0, 0)
        call += struct.pack(">I", len(name)) + name + bytes(-len(name) % 4)
        with self._connect(deadline) as connection:
            connection.sendall(struct.pack(">I", _LAST | len(call)) + call)
            with connection.makefile("rb") as told:
                (length,) = struct.unpack(">I", told.read(4))
                answer = told.read(length & ~_LAST)
        if len(answer) != _ANSWER.size:
            return 1, 0
        *head, result, _errno, _status, port = _ANSWER.unpack(answer)
        return (result, port) if tuple(head) == _WELL else (1, 0)

    def _connect(self, deadline: Deadline) -> socket.socket:
        connection = socket.socket()
        connection.settimeout(deadline.left())
        try:
            for port in _LOW_PORTS:
                with suppress(OSError):  # it is taken
                    connection.bind(("", port))
                    break
            connection.connect(self._management)
        except BaseException:
            connection.close()
            raise
        return connection
