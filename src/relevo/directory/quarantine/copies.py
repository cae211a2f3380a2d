"""One copy in the quarantine, out of its headers. Pure.

What a sender writes can look like what the filter writes. Only what stands above the line with which the filter itself
has received the message from outside (`Received: ... (amavis, port 10024)`) is the filter's: everything of the sender's
is below it. A message without that line came another way and is no copy.
"""

from __future__ import annotations

import email.parser
import email.policy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import getaddresses

from relevo.cluster.wires import AMAVIS_INBOUND_PORT, QUARANTINE_FOR_HEADER, QUARANTINE_WHY_HEADER
from relevo.directory.mail_words import decoded, plain
from relevo.directory.quarantine.sight import Sight

KINDS = SPAM, ATTACHMENT, FORGED = ("spam", "attachment", "forged")
RELEASED, DELETED = "released", "deleted"
ID_HEADER, SENDER_HEADER = "X-Quarantine-ID", "X-Envelope-From"
INDEX = (ID_HEADER, SENDER_HEADER, QUARANTINE_FOR_HEADER, QUARANTINE_WHY_HEADER, "Received", "From", "Subject")
ID = re.compile(r"[A-Za-z0-9_-]{4,32}")
BORDER = re.compile(rf"\(amavis, port {AMAVIS_INBOUND_PORT}\)")
_AMAVIS = re.compile(r"\(amavis, port \d+\)")
_WHY = re.compile(r"(spam|attachment|forged) (-?\d{1,6}\.\d) ?(.*)", re.DOTALL)
_ADDRESS = re.compile(r"<([^<>\s]{1,320})>")
_LONGEST = 300  # characters of a line that is shown


@dataclass(frozen=True)
class Recipient:
    """Who did not get the message; `state` is what became of it since: RELEASED, DELETED, `interrupted`, or nothing."""

    address: str
    state: str = ""


@dataclass(frozen=True)
class Copy:
    """One copy.

    Attributes:
        id: the filter's, unique.
        uid: its number in the mailbox; later ones have higher numbers.
        at: when it was refused.
        size: bytes.
        sender: of the envelope, empty for bounces.
        author: From, as people read it.
        author_address: the address in it, in lower case; empty when there is none.
        subject: as people read it.
        kind: out of KINDS.
        score: the filter's points.
        said: the rules that made them, or the attachment.
        recipients: whom it was for and who may be told.
        elsewhere: so many others.
    """

    id: str
    uid: int
    at: datetime
    size: int
    sender: str
    author: str
    author_address: str
    subject: str
    kind: str
    score: float
    said: str
    recipients: tuple[Recipient, ...]
    elsewhere: int = 0

    def __str__(self) -> str:
        return self.id

    @property
    def open(self) -> list[str]:
        """Those whom nothing has been done for yet, or only half."""
        return [one.address for one in self.recipients if one.state in {"", "interrupted"}]

    @property
    def is_gone(self) -> bool:
        """Whether it is deleted for everybody who may be told."""
        return all(one.state == DELETED for one in self.recipients)

    def seen_by(self, sight: Sight) -> Copy | None:
        """Return it as somebody may see it; None when it is nothing of theirs."""
        own = tuple(one for one in self.recipients if sight.sees(one.address))
        return replace(self, recipients=own, elsewhere=len(self.recipients) - len(own)) if own else None

    def with_states(self, states: dict[tuple[str, str], str]) -> Copy:
        """Return it with what has become of it, by id and recipient."""
        told = (replace(one, state=states.get((self.id, one.address), "")) for one in self.recipients)
        return replace(self, recipients=tuple(told))


def copy(uid: int, at: datetime, size: int, headers: bytes) -> Copy | None:
    """Return a copy out of its headers (those of INDEX do), or None for what is none."""
    text = headers.decode(errors="replace")  # UTF-8 without encoded words is no header, and comes all the same
    found = _split(email.parser.HeaderParser(policy=email.policy.compat32).parsestr(text).items())
    if found is None:
        return None
    ours, theirs = found
    number = ID.fullmatch(ours.get(ID_HEADER.lower(), "").strip("<> "))
    why = _WHY.fullmatch(" ".join(ours.get(QUARANTINE_WHY_HEADER.lower(), "").split()))
    recipients = list(dict.fromkeys(_ADDRESS.findall(ours.get(QUARANTINE_FOR_HEADER.lower(), "").lower())))
    if not number or not why or not recipients:
        return None
    author = decoded(theirs.get("from", ""))
    return Copy(
        id=number[0], uid=uid, at=at, size=size, author=plain(author)[:_LONGEST],
        sender=plain(ours.get(SENDER_HEADER.lower(), "").strip("<> "))[:_LONGEST], author_address=_address_in(author),
        subject=plain(decoded(theirs.get("subject", "")))[:_LONGEST], kind=why[1], score=float(why[2]),
        said=plain(why[3])[: 3 * _LONGEST], recipients=tuple(map(Recipient, recipients)),
    )


def _split(headers: Iterable[tuple[str, object]]) -> tuple[dict[str, str], dict[str, str]] | None:
    """Return the filter's headers and the sender's, of each the first; None when the filter's line is missing."""
    ours: dict[str, str] = {}
    theirs: dict[str, str] = {}
    kept = ours
    for name, value in headers:
        text = str(value)
        if kept is ours and name.lower() == "received" and _AMAVIS.search(" ".join(text.split())):
            if not BORDER.search(" ".join(text.split())):
                return None
            kept = theirs
        kept.setdefault(name.lower(), text)
    return (ours, theirs) if kept is theirs else None


def _address_in(author: str) -> str:
    found: Sequence[tuple[str, str]] = getaddresses([author.replace("\n", " ")])
    address = found[0][1].lower() if found else ""
    return address if "@" in address and address.isprintable() and len(address) <= _LONGEST else ""
