"""The posts that wait for an owner of a list: on the owner's pages, and by a link in a mail, without a login."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from relevo.directory.held import links
from relevo.directory.held.asking import listing, whole
from relevo.directory.held.deciding import LONGEST_REASON, act
from relevo.directory.held.sight import of_owner
from relevo.directory.held.words import sentences
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError
from relevo.web.account import session
from relevo.web.account.digest import LONGEST, answer, status
from relevo.web.account.pages import page
from relevo.web.account.telling import tell
from relevo.web.held_rows import Row
from relevo.web.login import sentence
from relevo.web.middleware import client

_ROWS = 50
_LARGEST = 1 << 32  # of IMAP's numbers


@session.own
def held(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show the lists that an owner looks after, and what waits."""
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) <= len(str(_LARGEST)) else 0
    told: dict[str, Any] = {"lists": owned(box)}
    try:
        seen = listing(of_owner(box), after=number, limit=_ROWS)
    except DirectoryError as error:
        told["refusal"] = sentence(error)
    else:
        told |= {"rows": [Row(one) for one in seen.posts], "after": seen.after, "empty": not seen.posts}
    return page(request, box, "held", _("Posts that wait"), told)


@session.own
def held_post(request: HttpRequest, box: Mailbox, number: str) -> HttpResponse:
    """Show one post, and do what its owner says."""
    sight = of_owner(box)
    try:
        found, reading = whole(sight, number)
        if request.method == "POST":
            given = request.POST
            outcome = act(sight, given.get("do", ""), [found.id], given.get("reason", ""))
            tell(request, sentences(outcome), done=bool(outcome.done))
            return redirect("account:held")
    except DirectoryError as error:
        messages.warning(request, sentence(error))
        return redirect("account:held")
    return page(request, box, "held_post", found.subject or _("(no subject)"), {
        "row": Row(found), "reading": reading, "most": LONGEST_REASON,
    })


def decide(request: HttpRequest) -> HttpResponse:
    """Show the post that a link is for, and do with it what who opened it says."""
    given = request.POST if request.method == "POST" else request.GET
    secret = given.get("t", "")[:LONGEST]
    try:
        link = links.find(secret, client(request))
        if request.method == "POST":
            reason = request.POST.get("reason", "")
            told: dict[str, Any] = {
                "said": sentences(links.decide(link, request.POST.get("do", ""), reason, client(request)))
            }
        else:
            found, reading = links.whole(link)
            told = {"row": Row(found), "reading": reading, "secret": secret, "most": LONGEST_REASON}
    except DirectoryError as error:
        return answer(page(request, None, "decide", _("Posts that wait"), {"refusal": sentence(error)}), status(error))
    return answer(page(request, None, "decide", _("Posts that wait"), told))


def owned(box: Mailbox) -> list[str]:
    """Return the addresses of the lists that a mailbox's owner looks after."""
    return list(box.owned_lists.order_by("list__address").values_list("list__address", flat=True))
