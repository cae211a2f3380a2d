"""The first page after the login: the platform at a glance; for administrators of some domains, these.

It keeps itself fresh (static/relevo/live.js asks for its middle again); without a script it is a page like others.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relevo.directory.models import Administrator
from relevo.directory.status.own import MOST_DOMAINS, domain_uses, waiting
from relevo.directory.status.picture import Picture, picture
from relevo.operate.words import outlook
from relevo.web import charts
from relevo.web.dashboard_facts import facts, flow_notes, moves
from relevo.web.dashboard_rows import cards, services
from relevo.web.section import who

_SYMBOLS = {"well": "✓", "attention": "!", "wrong": "✕"}


class Dashboard:
    """The page, for the site that it is part of."""

    def __init__(self, site: Any) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        """Return the address of the part that is asked for again."""
        return [path("overview/", self._site.admin_view(self.live), name="overview_live")]

    def page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        """Show the page around it."""
        shown = {**self._site.each_context(request), **_live(who(request)), **context}
        return TemplateResponse(request, "relevo/overview.html", shown)

    def live(self, request: HttpRequest) -> HttpResponse:
        """Show the part alone, for the script."""
        return render(request, "relevo/overview_live.html", _live(who(request)))


def _live(administrator: Administrator) -> dict[str, Any]:
    return {"platform": _platform(picture())} if administrator.is_global else {"own": _own(administrator)}


def _platform(seen: Picture) -> dict[str, Any]:
    report = seen.report
    summary = seen.summary
    return {
        "state": summary.state, "symbol": _SYMBOLS[summary.state], "headline": summary.text, "advice": summary.advice,
        "problems": [text for text in dict.fromkeys(report.problems) if text not in summary.text],
        "warnings": report.warnings, "prospects": outlook(report), "cards": cards(seen), "services": services(seen),
        "facts": facts(seen), "moves": moves(seen), "charts": charts.charts(seen.flow),
        "flow": charts.table(seen.flow), "kinds": list(charts.titles().values()), "flow_known": seen.flow.is_known,
        "flow_notes": flow_notes(seen), "drawing": f"0 0 {charts.WIDTH} {charts.HEIGHT}",
    }


def _own(administrator: Administrator) -> dict[str, Any]:
    uses, mail = domain_uses(administrator), waiting(administrator)
    count = len(uses)
    return {
        "uses": uses, "more": count == MOST_DOMAINS, "mailboxes": sum(one.mailboxes for one in uses),
        "waiting": mail.messages, "troubles": mail.why,
        "headline": _waiting_in_words(mail.messages),
    }


def _waiting_in_words(messages: int | None) -> str:
    if messages is None:
        return _("What waits for your domains is not known now.")
    if not messages:
        return _("Nothing waits for your domains.")
    return ngettext(
        "{count} message waits for your domains.", "{count} messages wait for your domains.", messages,
    ).format(count=messages)
