"""As much of MariaDB's client protocol as a health check needs: log in and ask one question, with the standard library.

Source: MariaDB documentation, "Clients & Utilities > Client/Server Protocol": packets of 3 bytes length, 1 byte number;
handshake version 10; mysql_native_password.
"""

from __future__ import annotations

import hashlib
import socket
import struct
from collections.abc import Iterator
from typing import Self

from relevo.agent.probe import Deadline, ProbeFailed

_PROTOCOL = 10
_CAPABILITIES = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x80000  # client, protocol 4.1, transactions, secure login, plugin
_LARGEST = 1 << 24
_UTF8MB4 = 45
_PLUGIN = b"mysql_native_password"
_OK, _SWITCH, _ERROR = 0x00, 0xFE, 0xFF
_QUERY, _QUIT = b"\x03", b"\x01"
_END_LENGTH = 9  # a packet 0xFE shorter than this ends a list


class Session:
    """A session by UNIX socket, every step of which ends by one deadline."""

    def __init__(self, path: str, user: str, password: str, deadline: Deadline) -> None:
        """Connect and log in; raise ProbeFailed or OSError when that can't be done."""
        self._deadline = deadline
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._buffer = b""
        self._number = 0
        try:
            self._socket.settimeout(deadline.left())
            self._socket.connect(path)
            self._log_in(user.encode(), password.encode())
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def quit(self) -> None:
        """Say good-bye: otherwise the server counts an aborted client."""
        self._number = 0
        self._send(_QUIT)

    def pairs(self, query: str) -> dict[str, str]:
        """Ask a question whose answer has two columns, name and value."""
        self._number = 0
        self._send(_QUERY + query.encode())
        columns = self._receive()[0]
        for _ in range(columns + 1):  # their descriptions, and the packet that ends them
            self._receive()
        return {row[0]: row[1] for row in self._rows()}

    def _rows(self) -> Iterator[list[str]]:
        while True:
            packet = self._receive()
            if packet[0] == _SWITCH and len(packet) < _END_LENGTH:
                return
            yield list(_texts(packet))

    def _log_in(self, user: bytes, password: bytes) -> None:
        salt = parse_greeting(self._receive())
        answer = scramble(password, salt)
        head = struct.pack("<IIB23x", _CAPABILITIES, _LARGEST, _UTF8MB4)
        self._send(head + user + b"\0" + bytes([len(answer)]) + answer + _PLUGIN + b"\0")
        packet = self._receive()
        if packet[0] == _SWITCH:
            name, _, salt = packet[1:].partition(b"\0")
            if name != _PLUGIN:
                raise ProbeFailed(f"the server wants {name.decode(errors='replace')}")
            self._send(scramble(password, salt.rstrip(b"\0")))
            packet = self._receive()
        if packet[0] != _OK:
            raise ProbeFailed("the server did not let us in")

    def _send(self, payload: bytes) -> None:
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(struct.pack("<I", len(payload))[:3] + bytes([self._number]) + payload)
        self._number = (self._number + 1) % 256

    def _receive(self) -> bytes:
        head = self._exactly(4)
        self._number = (head[3] + 1) % 256
        packet = self._exactly(int.from_bytes(head[:3], "little"))
        if not packet:
            raise ProbeFailed("the server sent an empty packet")
        if packet[0] == _ERROR:
            raise ProbeFailed(packet[3:].lstrip(b"#").decode(errors="replace")[:120])
        return packet

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._socket.settimeout(self._deadline.left())
            if not (data := self._socket.recv(65536)):
                raise ProbeFailed("the server closed the connection")
            self._buffer += data
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


def parse_greeting(packet: bytes) -> bytes:
    """Return the 20 bytes of salt of the server's first packet; raise ProbeFailed when it is something else."""
    if packet[0] != _PROTOCOL:
        raise ProbeFailed(f"the server speaks protocol {packet[0]}")
    rest = packet[packet.index(b"\0", 1) + 1 :]  # after the version
    return rest[4:12] + rest[31:43]  # thread number (4), first part (8), 19 bytes of flags, second part (12)


def scramble(password: bytes, salt: bytes) -> bytes:
    """Return the proof of a password for mysql_native_password."""
    if not password:
        return b""
    once = hashlib.sha1(password).digest()  # noqa: S324 - the plugin's definition
    proof = hashlib.sha1(salt + hashlib.sha1(once).digest()).digest()  # noqa: S324 - the same
    return bytes(left ^ right for left, right in zip(once, proof, strict=True))


def _texts(packet: bytes) -> Iterator[str]:
    """Read the values of a row, each shorter than 251 bytes as all of Galera's states are."""
    position = 0
    while position < len(packet):
        size = packet[position]
        yield packet[position + 1 : position + 1 + size].decode(errors="replace")
        position += 1 + size
