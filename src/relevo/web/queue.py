"""The page of the mail queues: what waits on both nodes and why, and what to do with it.

The list keeps itself fresh (static/relevo/live.js asks for its rows again); without a script it is a page like others.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from relevo.directory.queue.asking import Filters, Listing, find, headers_of, listing
from relevo.directory.queue.changing import DELETE, HOLD, RELEASE, RETRY, act, retry_all
from relevo.directory.queue.words import sentences
from relevo.errors import DirectoryError
from relevo.queue.listing import STATES
from relevo.web.filtering import LONGEST, as_query
from relevo.web.login import sentence
from relevo.web.message_pages import MessagePages
from relevo.web.new_factors import page
from relevo.web.queue_rows import Row, state_name
from relevo.web.section import ROWS, who

_ALL = "retry_all"
_FILTERS = ("q", "sender", "recipient", "node", "state")


class FilterForm(forms.Form):
    """What is looked for."""

    q = forms.CharField(label=_("Words"), required=False, max_length=LONGEST)
    sender = forms.CharField(label=_("From"), required=False, max_length=LONGEST)
    recipient = forms.CharField(label=_("To"), required=False, max_length=LONGEST)
    node = forms.CharField(label=_("Node"), required=False, widget=widgets.UnfoldAdminSelectWidget())
    state = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("q", "sender", "recipient"):
            self.fields[name].widget = widgets.UnfoldAdminTextInputWidget(attrs={"maxlength": LONGEST})

    def offer(self, nodes: list[str]) -> None:
        """Offer the mail nodes."""
        widget: Any = self.fields["node"].widget
        widget.choices = [("", _("both")), *((name, name) for name in nodes)]


class QueuePages(MessagePages):
    """The pages, for the site that they are part of; all of them for who is logged in."""

    name, filters, for_good = "queue", _FILTERS, DELETE

    def urls(self) -> list[URLPattern]:
        """Return their addresses."""
        own = self._site.admin_view
        return [
            path("queue/", own(self.queue), name="queue"),
            path("queue/rows/", own(self.rows), name="queue_rows"),
            path("queue/<str:number>/", own(self.message), name="queue_message"),
        ]

    def queue(self, request: HttpRequest) -> HttpResponse:
        """Show what waits, or do what was chosen."""
        if request.method == "POST":
            return self.done(request)
        form = FilterForm(request.GET)
        context = _list(request)
        seen: Listing | None = context["seen"]
        form.offer(list(seen.nodes) if seen else [])
        return page(self._site, request, "relevo/queue.html", str(_("Mail queue")), {
            **context, "form": form, "is_global": who(request).is_global,
        })

    def rows(self, request: HttpRequest) -> HttpResponse:
        """Show the rows alone, for the script."""
        return render(request, "relevo/queue_rows.html", _list(request))

    def message(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show one message: everybody it is for, why it waits, its headers."""
        try:
            found = find(who(request), number)
        except DirectoryError as error:
            messages.warning(request, sentence(error))
            return redirect("admin:queue")
        try:
            headers, refusal = headers_of(found), ""
        except DirectoryError as error:
            headers, refusal = [], sentence(error)
        return page(self._site, request, "relevo/queue_message.html", found.id, {
            "row": Row(found, whole=True), "headers": headers, "refusal": refusal, "can": _can(found.state),
        })

    def carried_out(self, request: HttpRequest, do: str, ids: list[str]) -> list[str]:
        """Do it, with some or with everything."""
        if do == _ALL:
            troubles = retry_all(who(request))
            return [str(_("Everything is being tried now.")), *troubles]
        if do not in {RETRY, HOLD, RELEASE, DELETE}:
            raise DirectoryError(str(_("choose what is to be done")))
        return sentences(act(who(request), do, ids))

    def doomed(self, request: HttpRequest, ids: list[str]) -> list[Row]:
        """Return the rows that would go for good."""
        if not ids:
            raise DirectoryError(str(_("choose at least one message")))
        seen = listing(who(request), Filters(ids=tuple(ids), limit=len(ids)))
        if not seen.messages:
            raise DirectoryError(" ".join(seen.troubles) or str(_("none of them is in a queue any more")))
        return [Row(one) for one in seen.messages]


def _list(request: HttpRequest) -> dict[str, Any]:
    """Return what the list shows; when nobody can be asked, why."""
    given = {name: request.GET.get(name, "")[:LONGEST] for name in _FILTERS}
    query = as_query(given)
    told: dict[str, Any] = {"query": query, "narrowed": any(given.values()), "seen": None, "after": ""}
    try:
        seen = listing(who(request), Filters(
            text=given["q"], sender=given["sender"], recipient=given["recipient"], node=given["node"],
            state=given["state"], after=request.GET.get("after", "")[:LONGEST], limit=ROWS,
        ))
    except DirectoryError as error:
        return {**told, "refusal": sentence(error)}
    last = seen.messages[-1].id if seen.more else ""
    return {
        **told, "seen": seen, "rows": [Row(one) for one in seen.messages], "tabs": _tabs(seen, given),
        "after": as_query({**given, "after": last}) if last else "",
        "go_on": _("Go on; {count} in all").format(count=seen.matching),
    }


def _tabs(seen: Listing, given: dict[str, str]) -> list[dict[str, Any]]:
    counts = {state: seen.count(state) for state in STATES}
    choices = [("", _("All"), sum(counts.values())), *((state, state_name(state), counts[state]) for state in STATES)]
    return [
        {"name": name, "count": count, "query": as_query({**given, "state": state}), "chosen": given["state"] == state}
        for state, name, count in choices
    ]


def _can(state: str) -> list[tuple[str, Any, bool]]:
    """Return what can be done with a message in a state, how that is called, and whether it is for good."""
    middle = (RELEASE, _("Release"), False) if state == "hold" else (HOLD, _("Hold"), False)
    first = [] if state == "hold" else [(RETRY, _("Try again now"), False)]
    return [*first, middle, (DELETE, _("Delete"), True)]
