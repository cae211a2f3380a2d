"""Where the pages are, and how their effects are asked for without them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any, Protocol

from relevo.drills.accounts import Account
from relevo.errors import DrillError

SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What the API, or another page that is no page, said."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def told(self) -> Any:  # noqa: ANN401 - whatever it is
        """Return what the body means."""
        return json.loads(self.body) if self.body else None


class Place(Protocol):
    """A platform that pages are tried on."""

    base: str  # e.g. https://mail.example.org
    has_mail: bool  # mail goes in and out: else only what the database says of it can be seen

    def connection(self) -> HTTPConnection:
        """Return a connection to where `base` leads."""

    def relevo(self, words: Sequence[str], stdin: str = "") -> str:
        """Run a command on a node; return its stdout, or raise RelevoError."""

    def opens(self, account: Account, service: str = "imap") -> bool:
        """Tell whether a mail program is let in by that (`imap`, `pop3`, `smtp`)."""

    def carries(self, address: str, reader: Account) -> bool:
        """Send mail from outside to an address; tell whether it was taken and the reader has it."""

    def turns_away(self, address: str) -> bool:
        """Tell whether mail from outside to an address is refused."""

    def make_wait(self, sender: str, recipient: str) -> None:
        """Have a message wait in a queue."""

    def make_refused(self, recipient: str) -> str:
        """Have the filter refuse a message for a recipient; return a word that is in its subject."""

    def has_released(self, recipient: Account, word: str) -> bool:
        """Tell whether the message with that word was delivered after all."""

    def await_released(self, recipient: Account, word: str) -> None:
        """Wait until it was; raise DrillError when that takes too long."""

    def make_held(self, address: str) -> str:
        """Have a stranger post to a list that holds posts; return a word that is in the subject."""

    def leave_traces(self, reader: Account) -> str:
        """See to it that mail has gone its way; return an address of the reader's domain that the traces know."""

    def script(self, address: str) -> str:
        """Return the filters (Sieve) that run for a mailbox."""

    def fail_over(self) -> None:
        """Have the active node fail; return when that has been done, before the other one serves."""


def exchange(
    place: Place, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Ask once."""
    connection = place.connection()
    try:
        host = place.base.partition("//")[2]
        connection.request(method, path, body, {"Host": host, **(headers or {})})
        got = connection.getresponse()
        return Answer(got.status, dict(got.getheaders()), got.read().decode())
    except HTTPException as error:
        raise DrillError(f"{method} {path}: {error!r}") from None
    finally:
        connection.close()
