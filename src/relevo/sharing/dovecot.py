"""What root does for relevo-sharing, asked by the socket of `relevo.directory.dovecot`."""

from __future__ import annotations

import socket

_SECONDS = 15


class Refused(Exception):  # noqa: N818 - the event, as whoever reads the journal sees it
    """It was not done, or nobody answers."""


def ask(path: str, verb: str, address: str) -> None:
    """Have the folders of a shared mailbox made (`prepare`), or the sessions of a member ended (`kick`).

    Raises:
        Refused: with what happened.
    """
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_SECONDS)
            line.connect(path)
            line.sendall(f"{verb} {address}\n".encode())
            answer = line.recv(16).decode().strip()
    except OSError as error:
        raise Refused(f"{path}: {error}") from None
    if answer != "done":
        raise Refused("Dovecot did not do it: see `journalctl -u dovecot`")
