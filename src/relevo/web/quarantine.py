"""The pages of the quarantine: what the filter refused, what is in it, and what to do with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold import widgets

from relevo.directory import scope
from relevo.directory.quarantine.asking import listing, several, whole
from relevo.directory.quarantine.changing import act
from relevo.directory.quarantine.copies import DELETED
from relevo.directory.quarantine.digest import runs
from relevo.directory.quarantine.words import sentences
from relevo.errors import DirectoryError
from relevo.web.filtering import LONGEST, as_query
from relevo.web.login import sentence
from relevo.web.message_pages import MessagePages
from relevo.web.new_factors import page
from relevo.web.quarantine_rows import Row
from relevo.web.section import ROWS, is_global, moment, who


class FilterForm(forms.Form):
    """What is looked for."""

    q = forms.CharField(
        label=_("Words in addresses or subject"), required=False, max_length=LONGEST,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"maxlength": LONGEST}),
    )


class QuarantinePages(MessagePages):
    """The pages, for the site that they are part of; all of them for who is logged in."""

    name, filters, for_good = "quarantine", ("q",), DELETED

    def urls(self) -> list[URLPattern]:
        """Return their addresses."""
        own = self._site.admin_view
        return [
            path("quarantine/", own(self.quarantine), name="quarantine"),
            path("quarantine/<str:number>/", own(self.message), name="quarantine_message"),
        ]

    def quarantine(self, request: HttpRequest) -> HttpResponse:
        """Show the copies, or do what was chosen."""
        if request.method == "POST":
            return self.done(request)
        return page(self._site, request, "relevo/quarantine.html", str(_("Quarantine")), {
            **_list(request), "form": FilterForm(request.GET), "digest": _digest(request),
        })

    def message(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show one copy: everybody it was for, why it was refused, and what is in it."""
        try:
            found, reading = whole(scope.quarantine(who(request)), number)
        except DirectoryError as error:
            messages.warning(request, sentence(error))
            return redirect("admin:quarantine")
        return page(self._site, request, "relevo/quarantine_message.html", found.subject or str(_("(no subject)")), {
            "row": Row(found, whole=True), "reading": reading,
        })

    def carried_out(self, request: HttpRequest, do: str, ids: list[str]) -> list[str]:
        """Release or delete them."""
        return sentences(act(scope.quarantine(who(request)), do, ids))

    def doomed(self, request: HttpRequest, ids: list[str]) -> list[Row]:
        """Return the rows that would go for good."""
        found = several(scope.quarantine(who(request)), ids)
        if not found:
            raise DirectoryError(str(_("none of them is in the quarantine any more")))
        return [Row(one) for one in found]


def _digest(request: HttpRequest) -> str:
    """Tell a global administrator of the last lists that owners were sent."""
    if not is_global(request) or not settings.RELEVO_DIGEST:
        return ""
    if not (last := runs.last()):
        return str(_("Owners have not been sent a list yet."))
    return ngettext(
        "The last list was sent to {count} owner, at {time}.", "The last lists were sent to {count} owners, at {time}.",
        last.sent,
    ).format(count=last.sent, time=moment(last.at))


def _list(request: HttpRequest) -> dict[str, Any]:
    """Return what the list shows; when it can't be read, why."""
    text, after = request.GET.get("q", "")[:LONGEST], request.GET.get("after", "")
    told: dict[str, Any] = {"query": as_query({"q": text}), "narrowed": bool(text), "seen": None}
    try:
        seen = listing(
            scope.quarantine(who(request)), text=text, after=int(after) if after.isascii() and after.isdigit() else 0,
            limit=ROWS,
        )
    except DirectoryError as error:
        return {**told, "refusal": sentence(error)}
    return {
        **told, "seen": seen, "rows": [Row(one) for one in seen.copies],
        "after": as_query({"q": text, "after": str(seen.after)}) if seen.after else "",
        "go_on": _("Go on; {count} in all").format(count=seen.matching),
    }
