"""Hashes of crypt(3), as mailboxes from other systems have them; the machine's own libcrypt knows them all.

Python has had no module for it since 3.13, and Debian installs no system without this library (login needs it).
"""

from __future__ import annotations

import ctypes
import hmac
from functools import cache
from threading import Lock

_SCHEMES = ("{SHA512-CRYPT}", "{BLF-CRYPT}")
_one_at_a_time = Lock()  # crypt(3) answers in a place of its own


def is_one(stored: str) -> bool:
    """Tell whether a stored hash is of crypt(3)."""
    return stored.startswith(_SCHEMES)


def matches(stored: str, plain: str) -> bool:
    """Tell whether a stored hash, with its scheme before it, is of that password."""
    setting = stored.partition("}")[2].encode()
    if "\0" in plain:  # the end of a text in C: what follows would not count
        return False
    with _one_at_a_time:
        answer: bytes | None = _library().crypt(plain.encode(), setting)
    return answer is not None and hmac.compare_digest(answer, setting)


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.argtypes, library.crypt.restype = (ctypes.c_char_p, ctypes.c_char_p), ctypes.c_char_p
    return library
