"""A copy back to the message as it came, for its release. Pure."""

from __future__ import annotations

import re
from email.utils import format_datetime

from django.utils import timezone

from relevo.directory.quarantine.copies import BORDER
from relevo.errors import QuarantineError
from relevo.i18n import _

RELEASED_HEADER = "X-Relevo-Released"
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")  # RFC 5322, 2.2: with its folded lines


def original(stored: bytes, number: str) -> bytes:
    """Return the message as it was refused, with a line that says that it was released.

    Taken off is what stands above the filter's own Received line, and that line: nothing of it is the sender's.

    Raises:
        QuarantineError: that line is not there, so nobody knows what came from whom.
    """
    if not (came := as_it_came(stored)):
        raise QuarantineError(
            _("{number} can't be released: it is not as the filter has written it").format(number=number)
        )
    said = f"{RELEASED_HEADER}: {format_datetime(timezone.now())} ({number})\n".encode()
    return (said + came).replace(b"\n", b"\r\n")


def as_it_came(stored: bytes) -> bytes:
    """Return the sender's part of a copy, with lines that end in LF; empty when there is no border to it.

    Nobody is shown the rest: it names everybody to whom the message was refused.
    """
    text = stored.replace(b"\r\n", b"\n")
    at = 0
    while field := _FIELD.match(text, at):
        at = field.end()
        if field[0].lower().startswith(b"received") and BORDER.search(b" ".join(field[0].split()).decode("latin-1")):
            return text[at:]
    return b""
