"""Who is connected to the virtual IP? Asked of the kernel by sock_diag(7): 1 ms, 20 with 5,000 connections; no `ss`.

Both families are asked, because a server that listens on `::` has its IPv4 clients on an IPv6 socket.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from relevo.agent.pace import paced

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST_DUMP = 0x301
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_HEADER = 16  # struct nlmsghdr
_TCP_ESTABLISHED = 1 << 1  # a bit mask of states
_SHORTEST = 40  # bytes of struct inet_diag_msg until the end of its addresses
_PORTS = struct.Struct("!HH")  # ours and the client's, in network order
_FAMILIES = {4: socket.AF_INET, 16: socket.AF_INET6}  # by the length of an address
_MAPPED = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96, RFC 4291 section 2.5.5.2
_ANSWER_SECONDS = paced(2.0)  # the kernel answers in milliseconds; a thread must not hang on it for ever
_DATAGRAM = 1 << 17  # bytes; the kernel fills 32 KiB at most


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to a virtual IP, that of the client's family: the client's address and port, and our port."""

    client: str
    client_port: int
    port: int


def established(*vips: str) -> frozenset[Connection]:
    """Return the established TCP connections that have a virtual IP as their local address.

    Those of this machine with itself are left out: they end with it. Raises OSError when the kernel refuses or is
    silent.
    """
    found = (
        connection
        for family in (socket.AF_INET, socket.AF_INET6)
        for connection in parse(_ask(family), *vips)
    )
    return frozenset(connection for connection in found if connection.client not in vips)


def parse(datagrams: Iterable[bytes], *vips: str) -> Iterator[Connection]:
    """Yield the connections to the virtual IPs out of the kernel's answer, which ends with NLMSG_DONE.

    Raises OSError when the kernel reports an error, or when the datagrams end before the answer does.
    """
    forms = _local_forms(vips)
    for data in datagrams:
        for kind, body in _messages(data):
            if kind in {_NLMSG_DONE, _NLMSG_ERROR}:
                _raise_for(body)
                if kind == _NLMSG_DONE:
                    return
            elif kind == _SOCK_DIAG_BY_FAMILY and (connection := _connection(body, forms)):
                yield connection
    raise OSError(errno.EPROTO, "the kernel's list of connections has no end")


def packed(address: str) -> bytes:
    """Return an address as its 4 or 16 bytes; raises OSError when it is none."""
    return socket.inet_pton(family_of(address), address)


def family_of(address: str) -> socket.AddressFamily:
    """Return the family that an address, as text, belongs to."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _ask(family: socket.AddressFamily) -> Iterator[bytes]:
    # struct inet_diag_req_v2: family, protocol, extensions, states; then ports and addresses, which a dump ignores,
    # and a cookie of -1, which means none.
    body = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, _TCP_ESTABLISHED) + bytes(40) + b"\xff" * 8
    header = struct.pack("=IHHII", _HEADER + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST_DUMP, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(_ANSWER_SECONDS)
        kernel.send(header + body)
        while data := kernel.recv(_DATAGRAM):
            yield data


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of each netlink message in a datagram (netlink(7))."""
    at = 0
    while at + _HEADER <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        if length < _HEADER or at + length > len(data):
            raise OSError(errno.EPROTO, "a netlink message is damaged")
        yield kind, data[at + _HEADER : at + length]
        at += (length + 3) & ~3


def _raise_for(body: bytes) -> None:
    """Raise the error that an NLMSG_ERROR or NLMSG_DONE carries: a negative number, 0 for none."""
    (number,) = struct.unpack_from("=i", body) if len(body) >= 4 else (0,)  # noqa: PLR2004 - the size of an int
    if number < 0:
        raise OSError(-number, os.strerror(-number))


def _local_forms(vips: Iterable[str]) -> dict[int, tuple[bytes, ...]]:
    """Return how the virtual IPs are written as the local address of a socket, for each family that it can have."""
    four = [packed(vip) for vip in vips if family_of(vip) == socket.AF_INET]
    six = [packed(vip) for vip in vips if family_of(vip) == socket.AF_INET6]
    return {int(socket.AF_INET): (*four,), int(socket.AF_INET6): (*six, *(_MAPPED + address for address in four))}


def _connection(body: bytes, local_forms: dict[int, tuple[bytes, ...]]) -> Connection | None:
    """Return the connection that a struct inet_diag_msg describes; None when its local address is another."""
    if len(body) < _SHORTEST:
        raise OSError(errno.EPROTO, "a description of a connection is damaged")
    local = next((form for form in local_forms.get(body[0], ()) if body.startswith(form, 8)), None)
    if local is None:
        return None
    port, client_port = _PORTS.unpack_from(body, 4)
    client = body[24 : 24 + len(local)].removeprefix(_MAPPED)
    return Connection(socket.inet_ntop(_FAMILIES[len(client)], client), client_port, port)
