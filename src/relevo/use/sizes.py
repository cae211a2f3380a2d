"""How full mailboxes are: Dovecot's own processes say it, which have each mailbox's sizes in its index.

They are asked by the socket that doveadm(1) uses, in the plainest version of its protocol, which 2.3 and 2.4 both
speak: one connection for many mailboxes, no process of ours for each.

    > VERSION doveadm-server 1 0        < +
    > "" ADDRESS "quota get"            < NAME STORAGE KIB LIMIT PERCENT NAME MESSAGE ... ; then + or -ERROR
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import TextIO

SOCKET = "/run/dovecot/doveadm-server"  # of root alone
_SECONDS = 30
_KIB = 1024  # what Dovecot counts storage in
_NOBODY = "-NOUSER"


class NotNow(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """Dovecot does not answer."""


def ask(addresses: Sequence[str], path: str = SOCKET) -> dict[str, int]:
    """Return the bytes in each mailbox that is there; raise NotNow when Dovecot tells of none, or of no more."""
    sizes, failures = {}, []
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_SECONDS)
            line.connect(path)
            with line.makefile("rw", encoding="utf-8", errors="replace", newline="\n") as talk:
                _say(talk, "VERSION", "doveadm-server", "1", "0")
                _require(talk.readline(), "+")
                for address in addresses:
                    size, result = _one(talk, address)
                    if size is not None:
                        sizes[address] = size
                    elif result != _NOBODY:
                        failures.append(result)
    except OSError as error:
        raise NotNow(str(error)) from None
    if failures and not sizes:
        raise NotNow(failures[0])
    return sizes


def _one(talk: TextIO, address: str) -> tuple[int | None, str]:
    _say(talk, "", address, "quota get")
    told, result = _require(talk.readline()), _require(talk.readline()).strip()
    return (storage(told) if result == "+" else None), result


def storage(told: str) -> int | None:
    """Return the bytes that an answer tells of, None when it does not."""
    words = told.rstrip("\n").split("\t")
    for place, word in enumerate(words[:-1]):
        if word == "STORAGE" and words[place + 1].isdigit():
            return int(words[place + 1]) * _KIB
    return None


def _say(talk: TextIO, *words: str) -> None:
    talk.write("\t".join(words) + "\n")
    talk.flush()


def _require(line: str, beginning: str = "") -> str:
    if not line.endswith("\n") or not line.startswith(beginning):
        raise ConnectionError(f"it ends the dialogue with {line[:60]!r}")
    return line
