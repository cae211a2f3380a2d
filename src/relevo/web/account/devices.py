"""What an owner's mail was fetched and sent with: were these you?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from relevo.directory import use
from relevo.directory.models import Mailbox
from relevo.web.account import session
from relevo.web.account.pages import moment_of, page
from relevo.web.use_words import name_and_more


@session.own
def devices(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show them, the last one first, and what to do about one that is a stranger's."""
    reading = use.as_of()
    return page(request, box, "devices", _("Devices"), {
        "rows": [
            (capfirst(name), more, _times(device))
            for device in use.devices(box) for name, more in (name_and_more(device),)
        ],
        "as_of": str(_("As of {moment}; a new login appears within some minutes.")).format(moment=moment_of(reading.at))
        if reading.at else "",
        "is_old": reading.is_old,
    })


def _times(device: use.Device) -> str:
    first, last = moment_of(device.use.first_at), moment_of(device.use.last_at)
    return last if first == last else str(_("last on {last}, first on {first}")).format(last=last, first=first)
