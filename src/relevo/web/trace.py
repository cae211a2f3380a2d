"""The pages of traces: which way messages took, and all that happened to one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from relevo.directory.trace.asking import find, search
from relevo.directory.trace.filters import Filters
from relevo.directory.trace.words import result_name
from relevo.errors import DirectoryError
from relevo.trace.letters import RESULTS
from relevo.web.filtering import as_query
from relevo.web.login import sentence
from relevo.web.new_factors import page
from relevo.web.section import ROWS, who
from relevo.web.trace_rows import Row, StepRow

_LONGEST = 300  # characters looked for
_FIELDS = ("q", "sender", "recipient", "subject", "result", "since", "until")


class SearchForm(forms.Form):
    """What is looked for."""

    q = forms.CharField(
        label=_("Address, domain, Message-ID, queue id or IP address"), required=False, max_length=_LONGEST,
    )
    sender = forms.CharField(label=_("From"), required=False, max_length=_LONGEST)
    recipient = forms.CharField(label=_("To"), required=False, max_length=_LONGEST)
    subject = forms.CharField(label=_("The whole subject"), required=False, max_length=_LONGEST)
    result = forms.ChoiceField(label=_("Result"), required=False, widget=widgets.UnfoldAdminSelectWidget())
    since = forms.DateTimeField(label=_("Not before"), required=False)
    until = forms.DateTimeField(label=_("Before"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("q", "sender", "recipient", "subject"):
            self.fields[name].widget = widgets.UnfoldAdminTextInputWidget(attrs={"maxlength": _LONGEST})
        for name in ("since", "until"):
            self.fields[name].widget = widgets.UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
        result: Any = self.fields["result"]
        result.choices = [("", _("any")), *((one, result_name(one)) for one in RESULTS)]


class TracePages:
    """The pages, for the site that they are part of; all of them for who is logged in."""

    def __init__(self, site: Any) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        """Return their addresses."""
        own = self._site.admin_view
        return [
            path("trace/", own(self.traces), name="trace"),
            path("trace/<str:number>/", own(self.trace), name="trace_one"),
        ]

    def traces(self, request: HttpRequest) -> HttpResponse:
        """Ask what is looked for, and show what was found."""
        form = SearchForm(request.GET)
        given = {name: request.GET.get(name, "")[:_LONGEST] for name in _FIELDS}
        context: dict[str, Any] = {"form": form, "found": None}
        if any(given.values()) and form.is_valid():
            context |= self._found(request, form.cleaned_data, given)
        return page(self._site, request, "relevo/trace.html", str(_("Trace")), context)

    def trace(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show all that happened to one message."""
        try:
            trace, found = find(who(request), number)
        except DirectoryError as error:
            messages.warning(request, sentence(error))
            return redirect("admin:trace")
        return page(self._site, request, "relevo/trace_one.html", str(_("Trace")), {
            "row": Row(trace), "steps": [StepRow(step) for step in trace.steps], "troubles": found.troubles,
        })

    @staticmethod
    def _found(request: HttpRequest, wanted: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
        try:
            found = search(who(request), Filters(
                text=wanted["q"], sender=wanted["sender"], recipient=wanted["recipient"],
                subject=wanted["subject"], result=wanted["result"],
                since=wanted["since"], until=wanted["until"],
                after=request.GET.get("after", "")[:_LONGEST], limit=ROWS,
            ))
        except DirectoryError as error:
            return {"refusal": sentence(error)}
        return {
            "found": found, "rows": [Row(one) for one in found.traces],
            "older": as_query({**given, "after": found.next}) if found.next else "",
        }
