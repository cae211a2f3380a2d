"""The mailbox of posts that wait, in memory, answered from real posts; and Postfix, which takes what is let through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from relevo.directory.held import box, deciding, telling
from relevo.directory.held.posts import Post, post
from relevo.directory.quarantine.handing_in import UnknownOutcome
from relevo.errors import QuarantineError

STORED = Path(__file__).with_name("data").joinpath("stored.eml").read_bytes()  # as Amavis and Dovecot left it
QUEUED, LIST = b"4jcbQ71MCGz2GD30", b"relevo-held+1@"


def stored(
    queued: str, key: int, *, sender: str = "bad@outside.example", subject: str = "Hello", vouched: bool = True,
    inside: bool = False,
) -> bytes:
    """Return a post as it lies in the mailbox."""
    mail = (
        STORED.replace(QUEUED, queued.encode()).replace(LIST, f"relevo-held+{key}@".encode())
        .replace(b"bad@outside.example", sender.encode()).replace(b"Hola =?utf-8?q?se=C3=B1or?=", subject.encode())
    )
    mail = mail if vouched else mail.replace(b"SPF_PASS", b"SPF_NONE").replace(b"DKIM_VALID_EF", b"DKIM_INVALID")
    return mail.replace(b"(amavis, port 10024)", b"(amavis, port 10026)") if inside else mail


class MemoryBox:
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
        self.mails[number], self.at[number] = mail, datetime.now(UTC) - timedelta(days=days, minutes=1)
        return number

    def _all(self) -> list[Post]:
        made = (post(uid, self.at[uid], len(mail), mail.partition(b"\n\n")[0]) for uid, mail in self.mails.items())
        return [one for one in made if one]

    def posts(self) -> list[Post]:
        first = {one.id: one for one in sorted(self._all(), key=lambda one: -one.uid)}
        return sorted(first.values(), key=lambda one: one.uid, reverse=True)

    def numbers_of(self, given: Sequence[str]) -> list[int]:
        return [one.uid for one in self._all() if one.id in given]

    def search(self, _sight: object, *, before) -> list[int]:
        return [uid for uid in self.mails if self.at[uid].date() < before]

    def content(self, number: int, most: int = 0) -> bytes:
        return self.mails[number][: most or None]

    def remove(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            del self.mails[number]

    @contextmanager
    def opened(self) -> Iterator[MemoryBox]:
        if self.away:
            raise QuarantineError("the posts can't be read now")
        yield self

    def hand_in(self, sender: str, recipients: Sequence[str], message: bytes) -> None:
        if self.refuses and not isinstance(self.refuses, UnknownOutcome):
            raise self.refuses
        self.sent.append((sender, tuple(recipients), message))
        if self.refuses:
            raise self.refuses

    def take_the_place(self, monkeypatch) -> None:
        monkeypatch.setattr(box, "opened", self.opened)
        monkeypatch.setattr(deciding, "hand_in", self.hand_in)
        monkeypatch.setattr(telling, "hand_in", self.hand_in)
