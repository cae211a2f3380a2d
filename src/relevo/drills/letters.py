"""The messages that drills send, each with a token by which it is found again. The virus is made at run time."""

from __future__ import annotations

import hashlib
import io
import secrets as random
import zipfile
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, localtime

TOKEN_HEADER = "X-Relevo-Drill"  # noqa: S105 - the name of a header
# The two test patterns are cut in two, so that no file of this project is itself taken for what they stand for.
_EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*")
_GTUBE = ("XJS*C4JDBQADN1.NSBN3*2IDNEN*", "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X")


@dataclass(frozen=True)
class Letter:
    """A message ready to be sent (CR LF line ends) and its token."""

    token: str
    message: EmailMessage

    @property
    def raw(self) -> bytes:
        """The bytes that go over the wire."""
        return self.message.as_bytes(policy=policy.SMTP)


def letter(sender: str, to: str, subject: str, text: str = "") -> Letter:
    """Return a plain message with a token of its own in subject and header."""
    token = f"drill{random.token_hex(8)}"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, f"{subject} {token}"
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = f"<{token}@{sender.rsplit('@', 1)[1]}>"
    message[TOKEN_HEADER] = token
    message.set_content(text or f"{subject}\n\nSent by an acceptance drill: {token}\n")
    return Letter(token, message)


def eicar() -> bytes:
    """Return the harmless test file that every virus scanner reports (eicar.org)."""
    return "".join(_EICAR).encode()


def gtube() -> str:
    """Return the line that SpamAssassin scores with 1000 (GTUBE)."""
    return "".join(_GTUBE)


def zipped(name: str, data: bytes) -> bytes:
    """Return a ZIP archive with one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def attach(to: Letter, name: str, data: bytes, kind: str = "application/octet-stream") -> Letter:
    """Attach a file and return the letter."""
    main, sub = kind.split("/")
    to.message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return to


def enclose(to: Letter, inner: EmailMessage) -> Letter:
    """Attach a whole message (message/rfc822) and return the letter."""
    to.message.add_attachment(inner)
    return to


def sha256(data: bytes) -> str:
    """Return the digest by which bytes are compared."""
    return hashlib.sha256(data).hexdigest()
