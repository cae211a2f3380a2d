"""The mailbox of the copies, by IMAP through a UNIX socket: the web's process has no network.

Only the node that holds the virtual IP may touch mailboxes. Pages are asked of no other; a command or a timer that runs
on the other one is refused here.
"""

from __future__ import annotations

import imaplib
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings

from relevo.cluster.wires import DOVECOT_IMAP_SOCKET, QUARANTINE_FOR_HEADER, QUOTA_LINK, quarantine_mailbox
from relevo.directory.quarantine.copies import ID_HEADER, INDEX, SENDER_HEADER, Copy, copy
from relevo.directory.quarantine.sight import Sight
from relevo.errors import QuarantineError
from relevo.i18n import _

_SECONDS = 10
_AT_ONCE = 500  # numbers in one command
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Found = tuple[bytes, bytes]  # what is said of a mail, and the text that was asked for


class Line(imaplib.IMAP4):
    """IMAP by a UNIX socket."""

    def __init__(self, path: str) -> None:
        """Connect; raise OSError when nobody is there."""
        self._path = path
        super().__init__(timeout=_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(timeout)
        line.connect(self._path)
        return line


class Store:
    """The copies; numbers are IMAP's UIDs."""

    def __init__(self, line: imaplib.IMAP4) -> None:
        """Take a connection on which the mailbox has been selected."""
        self._line = line
        told = line.response("UIDVALIDITY")[1][-1]
        self.validity = int(told) if isinstance(told, bytes) else 0  # another one: the numbers begin anew

    def search(
        self, sight: Sight, *, words: Sequence[str] = (), number: str = "", before: date | None = None, behind: int = 0
    ) -> list[int]:
        """Return the numbers of what may be seen and has all words, the latest first; some may be no copies."""
        asked = [b"UNDELETED"]
        if (needles := sight.needles) is not None:
            if not needles:
                return []
            asked.append(_either([_header(QUARANTINE_FOR_HEADER, one) for one in needles]))
        asked += [_word(word) for word in words]
        asked += [_header(ID_HEADER, f"<{number}>")] if number else []
        asked += [f"BEFORE {before.day}-{_MONTHS[before.month - 1]}-{before.year}".encode()] if before else []
        asked += [f"UID {behind + 1}:*".encode()] if behind else []
        told = self._well("SEARCH", "CHARSET", "UTF-8", b" ".join(asked))
        found = (int(one) for line in told if isinstance(line, bytes) for one in line.split())
        return sorted((one for one in found if one > behind), reverse=True)  # `*` is the last one, whatever its number

    def copies(self, numbers: Sequence[int]) -> list[Copy]:
        """Return the copies with these numbers, the latest first; what is no copy is left out."""
        made = (copy(*one) for one in self.headers(numbers, INDEX))
        return sorted(filter(None, made), key=lambda one: one.uid, reverse=True)

    def headers(self, numbers: Sequence[int], names: Sequence[str]) -> list[tuple[int, datetime, int, bytes]]:
        """Return of mails the number, when they came, their size in bytes, and the headers with these names."""
        fields = " ".join(names)
        found = self._fetch(numbers, f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS ({fields})])")
        return [(_uid(said), _moment(said), _size(said), headers) for said, headers in found]

    def sizes(self) -> dict[int, int]:
        """Return the size of each mail in bytes, by its number."""
        told = self._well("FETCH", "1:*", "(UID RFC822.SIZE)")
        lines = [entry for entry in told if isinstance(entry, bytes) and _UID.search(entry)]
        return {_uid(line): _size(line) for line in lines}

    def content(self, number: int, most: int = 0) -> bytes:
        """Return a mail, or its first `most` bytes; raise QuarantineError when it has gone."""
        part = f"<0.{most}>" if most else ""
        if not (found := self._fetch([number], f"(UID BODY.PEEK[]{part})")):
            raise QuarantineError(_("it is no longer in the quarantine"))
        return found[0][1]

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove mails for good."""
        for some in _portions(numbers):
            self._well("STORE", some, "+FLAGS.SILENT", r"(\Deleted)")
            self._well("EXPUNGE", some)

    def _fetch(self, numbers: Sequence[int], what: str) -> list[Found]:
        answers = [entry for some in _portions(numbers) for entry in self._well("FETCH", some, what)]
        return [(entry[0], entry[1]) for entry in answers if isinstance(entry, tuple) and _UID.search(entry[0])]

    def _well(self, *words: str | bytes) -> list[bytes | tuple[bytes, bytes]]:
        verdict, told = self._line.uid(*words)  # type: ignore[arg-type] # words that are not ASCII are bytes
        if verdict != "OK":
            raise QuarantineError(_("the quarantine says no: {reason}").format(reason=str(told[:1])[:200]))
        return [entry for entry in told if entry is not None]


@contextmanager
def opened(path: str = DOVECOT_IMAP_SOCKET, gate: str = QUOTA_LINK) -> Iterator[Store]:
    """Log in to the quarantine.

    Raises:
        QuarantineError: this node may not touch mailboxes now, or Dovecot does not answer.
    """
    unreadable = _("the quarantine can't be read now ({reason}): try again in a few seconds, then see `relevo status`")
    with selected(quarantine_mailbox(settings.RELEVO_DOMAIN), unreadable, path, gate) as line:
        yield Store(line)


@contextmanager
def selected(
    address: str, unreadable: str, path: str = DOVECOT_IMAP_SOCKET, gate: str = QUOTA_LINK
) -> Iterator[imaplib.IMAP4]:
    """Log in to a mailbox of the platform's own: the quarantine's, or that of posts that wait.

    `unreadable` is what is said, with the `{reason}`, when Dovecot does not answer.

    Raises:
        QuarantineError: this node may not touch mailboxes now, or Dovecot does not answer.
    """
    if not Path(gate).is_symlink():
        raise QuarantineError(
            _("this node does not hold the mailboxes now: ask the one with the virtual IP (`relevo status`)")
        )
    line: Line | None = None
    try:
        line = Line(path)
        line.login(address, settings.RELEVO_QUARANTINE_PASSWORD)
        line.select()
        yield line
    except (OSError, imaplib.IMAP4.error) as error:
        reason = getattr(error, "strerror", "") or type(error).__name__  # its text may quote the login
        raise QuarantineError(unreadable.format(reason=reason)) from None
    finally:
        if line:
            line.shutdown()


def _header(name: str, text: str) -> bytes:
    return f"HEADER {name} ".encode() + _quoted(text)


def _word(word: str) -> bytes:
    fields = (f"HEADER {SENDER_HEADER}", f"HEADER {QUARANTINE_FOR_HEADER}", "FROM", "SUBJECT")
    return _either([field.encode() + b" " + _quoted(word) for field in fields])


def _either(parts: Sequence[bytes]) -> bytes:
    *others, last = parts
    found = last
    for part in reversed(others):
        found = b"OR " + part + b" " + found
    return found if not others else b"(" + found + b")"


def _quoted(text: str) -> bytes:
    visible = "".join(letter for letter in text if letter.isprintable())
    return b'"' + visible.replace("\\", r"\\").replace('"', r"\"").encode(errors="replace") + b'"'


def _portions(numbers: Sequence[int]) -> list[str]:
    starts = range(0, len(numbers), _AT_ONCE)
    return [",".join(map(str, numbers[start : start + _AT_ONCE])) for start in starts]


def _uid(said: bytes) -> int:
    return int(found[1]) if (found := _UID.search(said)) else 0


def _size(said: bytes) -> int:
    return int(found[1]) if (found := _SIZE.search(said)) else 0


def _moment(said: bytes) -> datetime:
    when = imaplib.Internaldate2tuple(said)
    return datetime(*when[:6]).astimezone(UTC) if when else datetime.fromtimestamp(0, UTC)
