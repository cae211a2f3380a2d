"""How a released message gets to Postfix: where the filter gives back what it has passed, so it is not filtered again.

The web's process has no network; behind the socket is systemd-socket-proxyd(8), which leads to that one port.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Sequence
from contextlib import suppress

from relevo.cluster.wires import REINJECT_SOCKET
from relevo.errors import QuarantineError
from relevo.i18n import _

_SECONDS = 20
_WELL = 250


class UnknownOutcome(QuarantineError):  # noqa: N818 - what happened, as people read it
    """Nobody knows whether Postfix has taken it."""


class _Line(smtplib.SMTP):
    def __init__(self, path: str) -> None:
        self._path = path
        super().__init__("localhost", local_hostname="localhost", timeout=_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - the library's call
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(timeout)
        line.connect(self._path)
        return line


def hand_in(sender: str, recipients: Sequence[str], message: bytes, path: str = REINJECT_SOCKET) -> None:
    """Give a message to Postfix for all of these recipients, or for none.

    Raises:
        UnknownOutcome: the answer to the whole message did not come.
        QuarantineError: Postfix does not take it; nothing was sent.
    """
    try:
        line = _Line(path)
    except (OSError, smtplib.SMTPException) as error:
        raise _refused(getattr(error, "strerror", "") or type(error).__name__) from None
    try:
        _envelope(line, sender, recipients)
        _well(_data(line, message))
        with suppress(OSError, smtplib.SMTPException):
            line.quit()  # whatever comes of this, it has the message
    finally:
        line.close()


def _envelope(line: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
    try:
        line.ehlo_or_helo_if_needed()
        _well(line.mail(sender, ["BODY=8BITMIME"] if line.has_extn("8bitmime") else []))
        for recipient in recipients:
            _well(line.rcpt(recipient))
    except (OSError, smtplib.SMTPException) as error:
        raise _refused(getattr(error, "strerror", "") or type(error).__name__) from None


def _data(line: smtplib.SMTP, message: bytes) -> tuple[int, bytes]:
    try:
        return line.data(message)
    except smtplib.SMTPDataError as error:
        return error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
    except (OSError, smtplib.SMTPException):
        raise UnknownOutcome(
            _("Postfix did not answer to the end, so nobody knows whether it was sent: look whether it has arrived "
              "before it is released again")
        ) from None


def _well(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code != _WELL:
        raise _refused(f"{code} {said.decode(errors='replace')}")


def _refused(reason: str) -> QuarantineError:
    return QuarantineError(_("Postfix does not take it now ({reason}); nothing was sent").format(reason=reason[:200]))
