"""Waits with a condition and a deadline; the only way in which a drill waits."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import ssl
import time
from collections.abc import Callable
from typing import TypeVar

from dns.exception import DNSException

from relevo.agent.probe import ProbeFailed
from relevo.deploy.shell import patience
from relevo.errors import DrillError, RelevoError
from relevo.i18n import _

# What a client meets when the other side is not well: everything else is a mistake of ours and must be seen as one.
TROUBLE = (
    OSError, ssl.SSLError, smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto, DNSException, RelevoError,
    EOFError, ProbeFailed,
)
_T = TypeVar("_T")


class NotHere(DrillError):  # noqa: N818 - the situation, not a defect
    """This can't be tried in this place; the text says why."""


class NotDelivered(DrillError):  # noqa: N818 - the situation
    """A message is not where it should be; `noted` is the way that it took, a line each."""

    def __init__(self, text: str, noted: tuple[str, ...]) -> None:
        super().__init__(text)
        self.noted = noted


class TooFast(DrillError):  # noqa: N818 - the situation
    """The server lets this address do that only so many times a minute."""


def patiently(attempt: Callable[[], _T], *, within: float = 90, every: float = 5.0) -> _T:
    """Return what an attempt returns; after TooFast try again, as mail servers do, at most `within` seconds."""
    end = time.monotonic() + within
    while True:
        try:
            return attempt()
        except TooFast:
            if time.monotonic() > end:
                raise
        time.sleep(every)


def must_not_be_too_fast(code: int, said: str) -> None:
    """Raise TooFast when an SMTP reply is Postfix's answer to a client that is over its limit (TUNING_README)."""
    if 400 <= code < 500 and "too m" in said.lower():  # noqa: PLR2004 - RFC 5321; "too much mail", "too many ..."
        raise TooFast(f"{code} {said}")


def eventually(condition: Callable[[], _T | None], *, within: float, what: str, every: float = 0.25) -> _T:
    """Return the first answer of `condition` that is true.

    Trouble with the other side counts as "not yet". Raises DrillError, naming `what` and the last trouble, when that
    takes longer than `within` seconds, or as many times longer as machines here need (`deploy.shell.patience`).
    """
    within *= patience()
    end = time.monotonic() + within
    last = ""
    while True:
        try:
            if answer := condition():
                return answer
            last = ""
        except NotHere:
            raise
        except TROUBLE as trouble:
            last = f" ({describe(trouble)})"
        if time.monotonic() > end:
            text = _("waited {seconds:g} s in vain for {what}{last}")
            raise DrillError(text.format(seconds=within, what=what, last=last))
        time.sleep(every)


def describe(trouble: BaseException) -> str:
    """Return an exception as a short sentence for the table."""
    if isinstance(trouble, smtplib.SMTPResponseException):
        said = trouble.smtp_error
        return f"{trouble.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    if isinstance(trouble, (RelevoError, ProbeFailed)):
        return str(trouble)
    return f"{type(trouble).__name__}: {_said(trouble)}"


def _said(trouble: BaseException) -> str:
    quotes_server = isinstance(trouble, (imaplib.IMAP4.error, poplib.error_proto)) and trouble.args
    words = trouble.args[0] if quotes_server else trouble
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)
