"""Read mailboxes as mail programs do: IMAP on 993 and 143, POP3 on 995 and 110."""

from __future__ import annotations

import imaplib
import poplib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from relevo.deploy.shell import patience
from relevo.drills.accounts import Account
from relevo.drills.letters import TOKEN_HEADER, sha256
from relevo.drills.trust import NamedContext
from relevo.drills.waiting import TROUBLE, eventually
from relevo.i18n import _

IMAP_PORT, IMAPS_PORT, POP3_PORT, POP3S_PORT = 143, 993, 110, 995
_SECONDS = 30.0
_LONG_LINE = 1 << 20  # poplib's own limit of 2048 is shorter than some lines of real mail
poplib._MAXLINE = _LONG_LINE  # type: ignore[attr-defined]  # noqa: SLF001 - the library offers no other way


@dataclass(frozen=True)
class Mailbox:
    """One user's mailbox, seen from outside. `address` is the virtual IP or that of a node."""

    address: str
    account: Account
    tls: NamedContext

    @contextmanager
    def imap(self, port: int = IMAPS_PORT) -> Iterator[imaplib.IMAP4]:
        """Log in by IMAP: over TLS on 993, with STARTTLS on 143."""
        seconds = _SECONDS * patience()
        if port == IMAPS_PORT:
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(self.address, port, ssl_context=self.tls, timeout=seconds)
        else:
            client = imaplib.IMAP4(self.address, port, timeout=seconds)
        with client:
            if port != IMAPS_PORT:
                client.starttls(self.tls)
            client.login(self.account.address, self.account.password)
            yield client

    @contextmanager
    def pop3(self, port: int = POP3S_PORT) -> Iterator[poplib.POP3]:
        """Log in by POP3: over TLS on 995, with STLS on 110."""
        seconds = _SECONDS * patience()
        if port == POP3S_PORT:
            client: poplib.POP3 = poplib.POP3_SSL(self.address, port, timeout=seconds, context=self.tls)
        else:
            client = poplib.POP3(self.address, port, timeout=seconds)
        try:
            if port != POP3S_PORT:
                client.stls(self.tls)
            client.user(self.account.address)
            client.pass_(self.account.password)
            yield client
            client.quit()
        finally:
            client.close()

    def all(self, token: str, *, folder: str = "INBOX", port: int = IMAPS_PORT) -> list[bytes]:
        """Return the raw messages whose token header has that value; none when there is no such folder."""
        with self.imap(port) as client:
            return _fetch(client, folder, f'HEADER {TOKEN_HEADER} "{token}"')

    def with_subject(self, words: str, *, folder: str = "INBOX") -> list[bytes]:
        """Return the raw messages whose subject contains these words."""
        with self.imap() as client:
            return _fetch(client, folder, f'HEADER Subject "{words}"')

    def read(self, token: str, *, folder: str = "INBOX", within: float = 20, port: int = IMAPS_PORT) -> bytes:
        """Return the raw message with that token, and wait for it at most `within` seconds."""
        text = _("the message {token} in {folder} of {address}")
        what = text.format(token=token, folder=folder, address=self.account.address)
        return eventually(lambda: self.all(token, folder=folder, port=port), within=within, what=what)[0]

    def unchanged(self, digests: Mapping[str, str], *, within: float = 20) -> int:
        """Return how many messages are there as they were, of those whose SHA-256 are given by their tokens."""
        return sum(sha256(self.read(token, within=within)) == digest for token, digest in digests.items())

    def read_by_pop3(self, token: str, *, port: int = POP3S_PORT) -> bytes | None:
        """Return the raw message with that token by POP3, the newest messages first."""
        with self.pop3(port) as client:
            for number in reversed(range(1, client.stat()[0] + 1)):
                head = b"\n".join(client.top(number, 0)[1])
                if token.encode() in head:
                    return b"\r\n".join(client.retr(number)[1]) + b"\r\n"
        return None

    def empty(self) -> None:
        """Delete everything in the inbox, for good."""
        with self.imap() as client:
            client.select("INBOX")
            client.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
            client.expunge()

    def count(self, folder: str = "INBOX") -> int:
        """Return how many messages a folder holds."""
        with self.imap() as client:
            _, answer = client.status(folder, "(MESSAGES)")
        found = re.search(rb"MESSAGES (\d+)", answer[0] or b"")
        return int(found.group(1)) if found else 0


def _fetch(client: imaplib.IMAP4, folder: str, search: str) -> list[bytes]:
    if client.select(folder, readonly=True)[0] != "OK":
        return []
    numbers = client.search(None, search)[1][0].split()
    return [_raw(client, number.decode()) for number in numbers]


def _raw(client: imaplib.IMAP4, number: str) -> bytes:
    _, parts = client.fetch(number, "(BODY.PEEK[])")
    return next(part[1] for part in parts if isinstance(part, tuple))


def logs_in(box: Mailbox) -> bool:
    """Tell whether its owner is let in by IMAP."""
    try:
        with box.imap():
            return True
    except TROUBLE:
        return False
