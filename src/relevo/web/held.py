"""The pages of posts that wait: to which lists, what is in them, and what to do with them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from relevo.directory import scope
from relevo.directory.held.asking import listing, several, whole
from relevo.directory.held.deciding import LONGEST_REASON, act
from relevo.directory.held.posts import DELETED
from relevo.directory.held.words import sentences
from relevo.errors import DirectoryError
from relevo.web.filtering import LONGEST, as_query
from relevo.web.held_rows import Row
from relevo.web.login import sentence
from relevo.web.message_pages import MessagePages
from relevo.web.new_factors import page
from relevo.web.section import ROWS, who


class FilterForm(forms.Form):
    """What is looked for."""

    q = forms.CharField(
        label=_("Words in list, sender or subject"), required=False, max_length=LONGEST,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"maxlength": LONGEST}),
    )


class ReasonForm(forms.Form):
    """Why a post is refused."""

    reason = forms.CharField(
        label=_("Reason, if you refuse it"), required=False, max_length=LONGEST_REASON,
        help_text=_("Its sender gets it only when it is known that the post is from there."),
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"maxlength": LONGEST_REASON}),
    )


class HeldPages(MessagePages):
    """The pages, for the site that they are part of; all of them for who is logged in."""

    name, filters, for_good = "held", ("q",), DELETED

    def urls(self) -> list[URLPattern]:
        """Return their addresses."""
        own = self._site.admin_view
        return [
            path("held/", own(self.held), name="held"),
            path("held/<str:number>/", own(self.message), name="held_message"),
        ]

    def held(self, request: HttpRequest) -> HttpResponse:
        """Show the posts, or do what was chosen."""
        if request.method == "POST":
            return self.done(request)
        return page(self._site, request, "relevo/held.html", str(_("Posts that wait")), {
            **_list(request), "form": FilterForm(request.GET),
        })

    def message(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show one post, and what is in it."""
        try:
            found, reading = whole(scope.held(who(request)), number)
        except DirectoryError as error:
            messages.warning(request, sentence(error))
            return redirect("admin:held")
        return page(self._site, request, "relevo/held_message.html", found.subject or str(_("(no subject)")), {
            "row": Row(found), "reading": reading, "form": ReasonForm(),
        })

    def carried_out(self, request: HttpRequest, do: str, ids: list[str]) -> list[str]:
        """Let them through, refuse or delete them."""
        return sentences(act(scope.held(who(request)), do, ids, request.POST.get("reason", "")))

    def doomed(self, request: HttpRequest, ids: list[str]) -> list[Row]:
        """Return the rows that would go for good."""
        found = several(scope.held(who(request)), ids)
        if not found:
            raise DirectoryError(str(_("none of them waits any more")))
        return [Row(one) for one in found]


def _list(request: HttpRequest) -> dict[str, Any]:
    """Return what the list shows; when it can't be read, why."""
    text, after = request.GET.get("q", "")[:LONGEST], request.GET.get("after", "")
    told: dict[str, Any] = {"query": as_query({"q": text}), "narrowed": bool(text), "seen": None}
    number = int(after) if after.isascii() and after.isdigit() else 0
    try:
        seen = listing(scope.held(who(request)), text=text, after=number, limit=ROWS)
    except DirectoryError as error:
        return {**told, "refusal": sentence(error)}
    return {
        **told, "seen": seen, "rows": [Row(one) for one in seen.posts],
        "after": as_query({"q": text, "after": str(seen.after)}) if seen.after else "",
        "go_on": _("Go on; {count} in all").format(count=seen.matching),
    }
