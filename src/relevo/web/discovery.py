"""How a mail program finds the servers by the address alone: Mozilla's autoconfig and Microsoft's Autodiscover.

Anybody may ask, and learns the platform's own host name and ports, nothing of whether an address exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from relevo.profile.building import IMAP_PORT, SMTP_PORT
from relevo.web.account.setting_up import POP3_PORT

# The one element that is read of a stranger's XML, without a parser that could be made to do something.
_ADDRESS = re.compile(rb"<EMailAddress>\s*([^<>&\s]{3,254})\s*</EMailAddress>", re.IGNORECASE)
_XML = "text/xml; charset=utf-8"


@require_safe
def autoconfig(request: HttpRequest) -> HttpResponse:
    """Answer Thunderbird, K-9, Evolution: https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat."""
    return render(request, "discovery/autoconfig.xml", {**_servers(), "domain": settings.RELEVO_DOMAIN}, _XML)


@csrf_exempt
def autodiscover(request: HttpRequest) -> HttpResponse:
    """Answer Outlook and whoever asks as it does ([MS-OXDSCLI], the response for IMAP, POP3 and SMTP).

    It sends the address, and wants it back as user name: without one it would try the part before the @.
    """
    address = next(_addresses(request.body), "")
    return render(request, "discovery/autodiscover.xml", {**_servers(), "address": address}, _XML)


def _servers() -> dict[str, object]:
    return {"hostname": settings.RELEVO_HOSTNAME, "imap": IMAP_PORT, "pop3": POP3_PORT, "smtp": SMTP_PORT}


def _addresses(body: bytes) -> Iterator[str]:
    for found in _ADDRESS.finditer(body):
        try:
            address = found[1].decode()
            EmailValidator()(address)
        except (UnicodeDecodeError, ValidationError):
            continue
        yield address
