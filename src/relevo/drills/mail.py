"""Send mail as other servers do (port 25) and as our users do (587, 465), and report the server's own words."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from relevo.deploy.shell import patience
from relevo.drills.accounts import Account
from relevo.drills.trust import NamedContext
from relevo.drills.waiting import must_not_be_too_fast, patiently

SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT = 25, 587, 465
_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What the server said at last, and at which step: connect, mail, rcpt or end (of data)."""

    code: int
    text: str
    step: str

    @property
    def accepted(self) -> bool:
        """The server took responsibility for the message."""
        return self.step == "end" and self.code == 250  # noqa: PLR2004 - RFC 5321

    @property
    def refused(self) -> bool:
        """The server refused for good (5xx)."""
        return self.code >= 500  # noqa: PLR2004 - RFC 5321

    @property
    def refused_or_deferred(self) -> bool:
        """The server didn't take it, for good or for now."""
        return self.code >= 400  # noqa: PLR2004 - RFC 5321

    def __str__(self) -> str:
        return f"{self.code} {self.text} ({self.step})"


@dataclass(frozen=True)
class Receipt:
    """The last answer, and the answers for the recipients that were refused."""

    answer: Answer
    refused: dict[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True)
class Mail:
    """A mail client outside of the platform. `address` is the virtual IP, `name` what this client calls itself."""

    address: str
    name: str
    tls: NamedContext

    @contextmanager
    def session(self, port: int, login: Account | None = None) -> Iterator[smtplib.SMTP]:
        """Open a session after EHLO: encrypted on 587 and 465, logged in when an account is given."""
        seconds = _SECONDS * patience()
        if port == SUBMISSIONS_PORT:
            client: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=self.name, timeout=seconds, context=self.tls)
        else:
            client = smtplib.SMTP(local_hostname=self.name, timeout=seconds)
        try:
            _expect(client.connect(self.address, port))
            if port == SUBMISSION_PORT:
                client.starttls(context=self.tls)
            client.ehlo_or_helo_if_needed()
            if login:
                client.login(login.address, login.password)
            yield client
        finally:
            _quit(client)

    def send(
        self, raw: bytes, sender: str, to: Sequence[str], *, port: int = SMTP_PORT, login: Account | None = None
    ) -> Receipt:
        """Send one message in one session; on port 25 as another server, on the others as a user who logs in.

        When the server says that this address is too fast, it tries again for 90 s, as mail servers do.
        """
        return patiently(lambda: self._send(raw, sender, to, port, login))

    def _send(self, raw: bytes, sender: str, to: Sequence[str], port: int, login: Account | None) -> Receipt:
        try:
            with self.session(port, login) as client:
                return transaction(client, raw, sender, to)
        except smtplib.SMTPResponseException as refusal:
            return Receipt(_answer(refusal.smtp_code, refusal.smtp_error, "connect"))

    def submit(self, raw: bytes, sender: Account, to: Sequence[str], *, port: int = SUBMISSION_PORT) -> Receipt:
        """Send one message as one of our users."""
        return self.send(raw, sender.address, to, port=port, login=sender)


def transaction(client: smtplib.SMTP, raw: bytes, sender: str, to: Sequence[str]) -> Receipt:
    """Send one message in an open session, with its size announced as mail servers do (RFC 1870)."""
    answer = _answer(*client.mail(sender, [f"SIZE={len(raw)}"]), "mail")
    if answer.code != 250:  # noqa: PLR2004 - RFC 5321
        return Receipt(answer)
    answers = {recipient: _answer(*client.rcpt(recipient), "rcpt") for recipient in to}
    refused = {recipient: answer for recipient, answer in answers.items() if answer.refused_or_deferred}
    if len(refused) == len(answers):
        return Receipt(next(iter(refused.values())), refused)
    return Receipt(_end_of_data(client, raw), refused)


def _end_of_data(client: smtplib.SMTP, raw: bytes) -> Answer:
    try:
        return _answer(*client.data(raw), "end")
    except smtplib.SMTPDataError as refusal:
        return _answer(refusal.smtp_code, refusal.smtp_error, "data")


def _answer(code: int, text: bytes | str, step: str) -> Answer:
    said = (text.decode(errors="replace") if isinstance(text, bytes) else text).replace("\n", " ")
    must_not_be_too_fast(code, said)
    return Answer(code, said, step)


def _expect(greeting: tuple[int, bytes]) -> None:
    code, text = greeting
    if code != 220:  # noqa: PLR2004 - RFC 5321
        raise smtplib.SMTPConnectError(code, text)


def _quit(client: smtplib.SMTP) -> None:
    try:
        client.quit()
    except (OSError, smtplib.SMTPException):
        client.close()
