"""The profile: https://support.apple.com/guide/deployment, payload com.apple.mail.managed. Pure."""

from __future__ import annotations

import plistlib
import re
import uuid
from dataclasses import dataclass

IMAP_PORT, SMTP_PORT = 993, 465  # over TLS from the beginning (RFC 8314)
_ADDRESS = re.compile(r"[a-z0-9_][a-z0-9._%+-]{0,63}@[a-z0-9][a-z0-9.-]{0,252}")
_PASSWORD = re.compile(r"[a-z0-9-]{0,40}")  # an app password, or none
_LONGEST = 200


@dataclass(frozen=True)
class Wanted:
    """Whose profile; with a password it is in the profile, without one the device asks."""

    address: str
    name: str = ""
    description: str = ""
    password: str = ""

    def require_plain(self) -> None:
        """Raise ValueError for what is no mailbox of ours, or would be something else than text."""
        texts = (self.name, self.description)
        if not _ADDRESS.fullmatch(self.address) or not _PASSWORD.fullmatch(self.password):
            raise ValueError("no address, or no app password")
        if any(len(text) > _LONGEST or not text.isprintable() for text in texts):
            raise ValueError("name and description are lines of text")


def build(wanted: Wanted, hostname: str) -> bytes:
    """Return the profile, as XML."""
    secret = {"IncomingPassword": wanted.password, "OutgoingPassword": wanted.password} if wanted.password else {}
    account = {
        "PayloadType": "com.apple.mail.managed", **_named(hostname, f"mail/{wanted.address}"),
        "EmailAccountType": "EmailTypeIMAP", "EmailAddress": wanted.address,
        "EmailAccountDescription": wanted.address,
        **({"EmailAccountName": wanted.name} if wanted.name else {}),
        "IncomingMailServerAuthentication": "EmailAuthPassword", "IncomingMailServerHostName": hostname,
        "IncomingMailServerPortNumber": IMAP_PORT, "IncomingMailServerUseSSL": True,
        "IncomingMailServerUsername": wanted.address,
        "OutgoingMailServerAuthentication": "EmailAuthPassword", "OutgoingMailServerHostName": hostname,
        "OutgoingMailServerPortNumber": SMTP_PORT, "OutgoingMailServerUseSSL": True,
        "OutgoingMailServerUsername": wanted.address, "OutgoingPasswordSameAsIncomingPassword": True, **secret,
    }
    return plistlib.dumps({
        "PayloadType": "Configuration", **_named(hostname, f"profile/{wanted.address}"),
        "PayloadDisplayName": wanted.address, "PayloadDescription": wanted.description, "PayloadContent": [account],
    })


def _named(hostname: str, name: str) -> dict[str, object]:
    """Return what names a part: the same each time, so that a profile takes the place of an older one."""
    known = uuid.uuid5(uuid.NAMESPACE_URL, f"https://{hostname}/account/{name}")
    return {"PayloadVersion": 1, "PayloadUUID": str(known).upper(), "PayloadIdentifier": f"relevo.{known}"}
