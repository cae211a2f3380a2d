"""The quarantine's mailbox in memory, answered from real copies; and Postfix, which takes what is released."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from relevo.directory.quarantine import changing, store
from relevo.directory.quarantine.copies import Copy, copy
from relevo.directory.quarantine.digest import sending
from relevo.directory.quarantine.handing_in import UnknownOutcome
from relevo.directory.quarantine.sight import Sight
from relevo.errors import QuarantineError

STORED = Path(__file__).with_name("data").joinpath("stored.eml").read_bytes()  # as Amavis and Dovecot left it
NOW = datetime(2026, 11, 28, 22, 34, 53, tzinfo=UTC)


def stored(
    number: str, *recipients: str, sender: str = "bad@outside.example", kind: str = "spam", subject: str = "Buy now",
) -> bytes:
    """Return a copy as it lies in the mailbox."""
    return (
        STORED.replace(b"QrtSkcvEyCbE", number.encode())
        .replace(b"<ana@chocolatesparati.com.bo> <luis@chocolatesparati.com.bo>",
                 b" ".join(f"<{one}>".encode() for one in recipients))
        .replace(b"bad@outside.example", sender.encode())
        .replace(b"attachment -20.0\n application/octet-stream", f"{kind} 17.2\n A=1,B=2".encode())
        .replace(b"Hola =?utf-8?q?se=C3=B1or?=", subject.encode())
    )


class MemoryStore:
    """The mailbox; `mails` by UID."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.at: dict[int, datetime] = {}
        self.validity = 1
        self.away = False
        self.refuses: QuarantineError | None = None
        self.sent: list[tuple[str, tuple[str, ...], bytes]] = []

    def add(self, mail: bytes, *, days: int = 0) -> int:
        number = max(self.mails, default=0) + 1
        self.mails[number], self.at[number] = mail, NOW - timedelta(days=days)
        return number

    def _copies(self) -> list[Copy]:
        made = (copy(uid, self.at[uid], len(mail), mail.partition(b"\n\n")[0]) for uid, mail in self.mails.items())
        return sorted(filter(None, made), key=lambda one: one.uid, reverse=True)

    def search(
        self, sight: Sight, *, words: Sequence[str] = (), number: str = "", before: date | None = None, behind: int = 0
    ) -> list[int]:
        if before:
            return [uid for uid in self.mails if self.at[uid].date() < before]
        return [
            one.uid for one in self._copies()
            if one.uid > behind and number in {"", one.id} and one.seen_by(sight) and all(
                word.lower() in f"{one.sender} {one.author} {one.subject} {one.recipients}".lower() for word in words
            )
        ]

    def copies(self, numbers: Sequence[int]) -> list[Copy]:
        return [one for one in self._copies() if one.uid in numbers]

    def sizes(self) -> dict[int, int]:
        return {uid: len(mail) for uid, mail in self.mails.items()}

    def content(self, number: int, most: int = 0) -> bytes:
        return self.mails[number][: most or None]

    def remove(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            del self.mails[number]

    @contextmanager
    def opened(self, *_: object) -> Iterator[MemoryStore]:
        if self.away:
            raise QuarantineError("the quarantine can't be read now")
        yield self

    def hand_in(self, sender: str, recipients: Sequence[str], message: bytes) -> None:
        if self.refuses and not isinstance(self.refuses, UnknownOutcome):
            raise self.refuses
        self.sent.append((sender, tuple(recipients), message))
        if self.refuses:
            raise self.refuses

    def take_the_place(self, monkeypatch) -> None:
        monkeypatch.setattr(store, "opened", self.opened)
        monkeypatch.setattr(changing, "hand_in", self.hand_in)
        monkeypatch.setattr(sending, "hand_in", self.hand_in)
