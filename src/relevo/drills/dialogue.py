"""Talk SMTP, IMAP and POP3 line by line, where a drill must say what no proper client would say."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from relevo.agent.probe import Conversation, Deadline
from relevo.drills.waiting import must_not_be_too_fast

SECONDS = 30.0  # for a whole dialogue


@dataclass(frozen=True)
class Reply:
    """An SMTP reply: its code and its lines without it."""

    code: int
    lines: tuple[str, ...]

    @property
    def good(self) -> bool:
        """The server did, or goes on to do, what was asked (2xx, 3xx)."""
        return 200 <= self.code < 400  # noqa: PLR2004 - RFC 5321

    @property
    def refused(self) -> bool:
        """The server refused, for good or for now (4xx, 5xx)."""
        return self.code >= 400  # noqa: PLR2004 - RFC 5321

    def __str__(self) -> str:
        return f"{self.code} {self.lines[-1]}"


class Talk(Conversation):
    """A conversation that tells which TLS version was agreed on."""

    def tls_version(self) -> str:
        """Return e.g. `TLSv1.3`, `-` without TLS."""
        return (self._socket.version() if isinstance(self._socket, ssl.SSLSocket) else None) or "-"


class SmtpDialogue:
    """An SMTP conversation whose every byte the caller chooses."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def reply(self) -> Reply:
        """Read one reply, however many lines it has (RFC 5321, 4.2.1); raise TooFast when it says so."""
        lines = []
        while True:
            line = self.talk.line()
            lines.append(line[4:])
            if line[3:4] != "-":
                reply = Reply(int(line[:3]) if line[:3].isdigit() else 0, tuple(lines))
                must_not_be_too_fast(reply.code, lines[-1])
                return reply

    def ask(self, line: str) -> Reply:
        """Send a line and read the reply."""
        self.talk.send(line)
        return self.reply()


@contextmanager
def smtp(address: str, port: int, name: str, seconds: float = SECONDS) -> Iterator[SmtpDialogue]:
    """Connect, read the banner and say EHLO; raises ProbeFailed when the server goes away or is too slow."""
    with Talk((address, port), Deadline(seconds)) as talk:
        dialogue = SmtpDialogue(talk)
        dialogue.reply()
        dialogue.ask(f"EHLO {name}")
        yield dialogue


@contextmanager
def lines(address: str, port: int, seconds: float = SECONDS) -> Iterator[Talk]:
    """Connect for IMAP or POP3 without TLS."""
    with Talk((address, port), Deadline(seconds)) as talk:
        yield talk
