"""How mailboxes are used: columns of the lists, and what the page of one mailbox shows of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from relevo.directory import use
from relevo.directory.models import Mailbox
from relevo.web.amounts import MIB, bar, mib
from relevo.web.section import column, moment
from relevo.web.use_words import PROTOCOLS, device_in_words


class WithUse:
    """What is used, when somebody logged in last, and with what; for the section of the mailboxes."""

    list_before_template = "relevo/as_of.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say in the list how old its figures are."""
        view: Any = super()
        reading = use.as_of()
        told = {"reading": reading, "as_of": _in_words(reading)}
        answer: HttpResponse = view.changelist_view(request, {**(extra_context or {}), **told})
        return answer

    @column(_("used"), ordering="quota_used")
    def used(self, entry: Any) -> Any:
        """Return how full it is, of how much it may hold."""
        allowed = entry.quota_mb * MIB
        limit = f"{entry.quota_mb}\N{NO-BREAK SPACE}MiB" if allowed else str(_("no limit"))
        known = mib(entry.quota_used) if entry.quota_used is not None else "?"
        if entry.quota_used is None or not allowed:
            return f"{known} / {limit}"
        return format_html("<span>{} / {}{}</span>", known, limit, bar(entry.quota_used, allowed))

    @column(_("last login"), ordering="last_login_at")
    def last_login(self, entry: Any) -> str:
        """Return when somebody logged in last."""
        return moment(entry.last_login_at)[:-3] if entry.last_login_at else str(_("never"))

    @column(_("last login"))
    def last_login_whole(self, entry: Any) -> str:
        """Return when, how and from where."""
        if not entry.last_login_at:
            return str(_("never"))
        where = (str(PROTOCOLS.get(entry.last_protocol, entry.last_protocol)), entry.last_client)
        return ", ".join((moment(entry.last_login_at), *filter(None, where)))

    @column(_("devices"))
    def devices(self, entry: Mailbox) -> Any:
        """Return what its mail is fetched and sent with."""
        rows = [(device_in_words(device), moment(device.use.last_at)[:-3]) for device in use.devices(entry)]
        return format_html_join("", "<p>{}<br>{}</p>", rows) or str(_("none in 90 days"))

    @column(_("as of"))
    def as_of(self, _entry: Mailbox) -> str:
        """Return how old the figures are."""
        reading = use.as_of()
        return moment(reading.at) if reading.at else str(_("not known yet"))


def _in_words(reading: use.Reading) -> str:
    if not reading.at:
        return str(_("What is used and the last logins are not known yet; after an apply that takes some minutes."))
    if reading.is_old:
        return str(_(
            "What is used and the last logins are of {moment}: nothing newer comes. On the active node: "
            "journalctl -u relevo-use"
        )).format(moment=moment(reading.at))
    return str(_("What is used and the last logins: as of {moment}.")).format(moment=moment(reading.at)[11:16])
