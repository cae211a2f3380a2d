"""One post that waits, out of its headers. Pure.

What stands above the line with which the filter has received the message (`Received: ... (amavis, port N)`) is ours:
Dovecot's lines, which say for which list it came and from whom, Postfix's with the number of the queue, and the
filter's own. Everything of the sender's is below it. A message without these lines came another way and is no post.
"""

from __future__ import annotations

import email.parser
import email.policy
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime

from relevo.cluster.wires import AMAVIS_ORIGINATING_PORT, HELD_LOCAL_PART
from relevo.directory.mail_words import decoded, plain
from relevo.directory.quarantine.original import RELEASED_HEADER

APPROVED, REFUSED, DELETED = "approved", "refused", "deleted"
DECIDING, INTERRUPTED = "deciding", "interrupted"
FOR_HEADER, FROM_HEADER, SPAM_HEADER = "Delivered-To", "Return-Path", "X-Spam-Status"
INDEX = (FOR_HEADER, FROM_HEADER, SPAM_HEADER, "Received", "From", "Subject")
ID = re.compile(r"[0-9A-Za-z]{6,32}-[0-9]{1,20}")
_FILTER = re.compile(r"\(amavis, port (\d+)\)")
_LIST = re.compile(rf"{re.escape(HELD_LOCAL_PART)}\+(\d{{1,20}})(?:\+[^@]*)?@")
_QUEUED = re.compile(r"\(Postfix\) with E?SMTPS?A? id ([0-9A-Za-z]{6,32})\b")
_TESTS = re.compile(r"\b(SPF_PASS|DKIM_VALID_EF)=")  # both are of the envelope sender's domain
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")  # RFC 5322, 2.2: with its folded lines
# What tells of the way to us, or would have a member's mailbox file what an owner has let through among the spam.
_LEFT_OUT = re.compile(rb"return-path|delivered-to|x-spam-.*")
_LONGEST = 300  # characters of a line that is shown


@dataclass(frozen=True)
class Post:
    """One post.

    Attributes:
        id: Postfix's number of the message, and the list's.
        uid: its number in the mailbox; later ones have higher numbers.
        at: when it came.
        size: bytes.
        list_key: of the list in the database.
        list: its address; empty when it is gone.
        sender: of the envelope, empty for bounces.
        author: From, as people read it.
        subject: as people read it.
        inside: it came from one of our users, or by one (Sieve redirects what others sent).
        vouched: the domain of the envelope's sender says that it is from there (SPF, DKIM).
        state: what became of it: empty, `deciding`, `interrupted`, or out of APPROVED, REFUSED, DELETED.
    """

    id: str
    uid: int
    at: datetime
    size: int
    list_key: int
    sender: str
    author: str
    subject: str
    inside: bool
    vouched: bool
    list: str = ""
    state: str = ""

    def __str__(self) -> str:
        return self.id

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision, or one was begun and nobody knows how it ended."""
        return self.state in {"", INTERRUPTED}

    def told(self, lists: dict[int, str], states: dict[str, str]) -> Post:
        """Return it with the address of its list, and what has become of it."""
        return replace(self, list=lists.get(self.list_key, ""), state=states.get(self.id, ""))


def post(uid: int, at: datetime, size: int, headers: bytes) -> Post | None:
    """Return a post out of its headers (those of INDEX do), or None for what is none."""
    text = headers.decode(errors="replace")
    found = _split(email.parser.HeaderParser(policy=email.policy.compat32).parsestr(text).items())
    if found is None:
        return None
    ours, theirs, port = found
    to = _LIST.match(ours.get(FOR_HEADER.lower(), "").strip("<> "))
    queued = _QUEUED.search(ours.get("queued", ""))
    if not to or not queued:
        return None
    sender = plain(ours.get(FROM_HEADER.lower(), "").strip("<> "))[:_LONGEST]
    return Post(
        id=f"{queued[1]}-{to[1]}", uid=uid, at=at, size=size, list_key=int(to[1]), sender=sender,
        author=plain(decoded(theirs.get("from", "")))[:_LONGEST],
        subject=plain(decoded(theirs.get("subject", "")))[:_LONGEST],
        inside=port == AMAVIS_ORIGINATING_PORT, vouched=bool(_TESTS.search(ours.get(SPAM_HEADER.lower(), ""))),
    )


def _split(headers: Iterable[tuple[str, object]]) -> tuple[dict[str, str], dict[str, str], int] | None:
    """Return our headers, the sender's, of each the first, and the filter's port; None when its line is missing."""
    ours: dict[str, str] = {}
    theirs: dict[str, str] = {}
    port = 0
    for name, value in headers:
        text = " ".join(str(value).split())
        if port:
            theirs.setdefault(name.lower(), str(value))
        elif name.lower() != "received":
            ours.setdefault(name.lower(), text)
        elif border := _FILTER.search(text):
            port = int(border[1])
        elif _QUEUED.search(text):
            ours.setdefault("queued", text)
    return (ours, theirs, port) if port else None


def as_it_goes_on(stored: bytes, number: str, at: datetime) -> bytes:
    """Return the message for the members: what its author has written and signed, and how it came, unchanged."""
    text = stored.replace(b"\r\n", b"\n")
    kept, rest = [f"{RELEASED_HEADER}: {format_datetime(at)} ({number})\n".encode()], 0
    while field := _FIELD.match(text, rest):
        rest = field.end()
        if not _LEFT_OUT.fullmatch(field[1].lower()):
            kept.append(field[0])
        if _is_border(field):
            break
    return (b"".join(kept) + text[rest:]).replace(b"\n", b"\r\n")


def as_it_came(stored: bytes) -> bytes:
    """Return the sender's part of a post, with lines that end in LF."""
    text, at = stored.replace(b"\r\n", b"\n"), 0
    while field := _FIELD.match(text, at):
        at = field.end()
        if _is_border(field):
            return text[at:]
    return b""


def _is_border(field: re.Match[bytes]) -> bool:
    told = b" ".join(field[0].split()).decode("latin-1")
    return field[1].lower() == b"received" and bool(_FILTER.search(told))
