"""What is entered in a mail program, and a profile that an iPhone, iPad or Mac enters by itself."""

from __future__ import annotations

import plistlib
import uuid
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from relevo.directory.models import Mailbox
from relevo.web.account import session
from relevo.web.account.pages import page

IMAP_PORT, POP3_PORT, SMTP_PORT = 993, 995, 465  # over TLS from the beginning (RFC 8314)
_STARTTLS = {IMAP_PORT: 143, POP3_PORT: 110, SMTP_PORT: 587}
_PROFILE = "application/x-apple-aspen-config"


class Server(NamedTuple):
    """One server as a program asks for it."""

    purpose: str
    port: int
    starttls: int


@session.own
def setting_up(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show what is entered."""
    servers = [
        Server(name, port, _STARTTLS[port]) for name, port in (
            (_("Incoming mail (IMAP)"), IMAP_PORT), (_("Outgoing mail (SMTP)"), SMTP_PORT),
            (_("Incoming mail (POP3), for old programs"), POP3_PORT),
        )
    ]
    return page(request, box, "setting_up", _("Set up a mail program"), {"servers": servers})


@session.own
def profile(_request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Send the profile; the device asks for the password when it is installed."""
    answer = HttpResponse(plistlib.dumps(_profile(box)), content_type=_PROFILE)
    answer["Content-Disposition"] = f'attachment; filename="{box.local_part}.mobileconfig"'
    return answer


def _profile(box: Mailbox) -> dict[str, object]:
    """Return the profile: https://support.apple.com/guide/deployment, payload com.apple.mail.managed."""
    host = settings.RELEVO_HOSTNAME
    account = {
        "PayloadType": "com.apple.mail.managed", **_payload(f"mail/{box.address}"),
        "EmailAccountType": "EmailTypeIMAP", "EmailAddress": box.address, "EmailAccountDescription": box.address,
        **({"EmailAccountName": box.name} if box.name else {}),
        "IncomingMailServerAuthentication": "EmailAuthPassword", "IncomingMailServerHostName": host,
        "IncomingMailServerPortNumber": IMAP_PORT, "IncomingMailServerUseSSL": True,
        "IncomingMailServerUsername": box.address,
        "OutgoingMailServerAuthentication": "EmailAuthPassword", "OutgoingMailServerHostName": host,
        "OutgoingMailServerPortNumber": SMTP_PORT, "OutgoingMailServerUseSSL": True,
        "OutgoingMailServerUsername": box.address, "OutgoingPasswordSameAsIncomingPassword": True,
    }
    return {
        "PayloadType": "Configuration", **_payload(f"profile/{box.address}"), "PayloadDisplayName": box.address,
        "PayloadDescription": _("Mail of {address}").format(address=box), "PayloadContent": [account],
    }


def _payload(name: str) -> dict[str, object]:
    """Return what names a part: the same each time, so that a profile takes the place of an older one."""
    known = uuid.uuid5(uuid.NAMESPACE_URL, f"https://{settings.RELEVO_HOSTNAME}/account/{name}")
    return {"PayloadVersion": 1, "PayloadUUID": str(known).upper(), "PayloadIdentifier": f"relevo.{known}"}
