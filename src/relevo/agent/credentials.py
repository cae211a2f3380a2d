"""Who is at the other end of a UNIX socket."""

from __future__ import annotations

import asyncio
import socket
import struct


def uid_of(writer: asyncio.StreamWriter) -> int:
    """Return the user id of who has connected (unix(7), SO_PEERCRED)."""
    own = writer.get_extra_info("socket")
    _pid, uid, _gid = struct.unpack("3i", own.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(uid)
