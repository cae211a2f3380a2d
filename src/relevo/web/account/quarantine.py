"""What was refused for an owner, and what they say of its senders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from relevo.directory import owners, sender_rules
from relevo.directory.models import Mailbox
from relevo.directory.quarantine.asking import listing, whole
from relevo.directory.quarantine.changing import act
from relevo.directory.quarantine.copies import DELETED, RELEASED, Copy
from relevo.directory.quarantine.sight import OF_OWNERS, of_owner
from relevo.directory.quarantine.words import sentences
from relevo.directory.quarantine_models import Verdict
from relevo.errors import DirectoryError
from relevo.web.account import session
from relevo.web.account.pages import page
from relevo.web.account.telling import tell
from relevo.web.login import sentence
from relevo.web.quarantine_rows import Row

_ROWS = 50
_LARGEST = 1 << 32  # of IMAP's numbers


@session.own
def quarantine(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show what was refused."""
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) <= len(str(_LARGEST)) else 0
    told: dict[str, Any] = {
        "rules": sender_rules.of_owner(box).count(), "has_digest": settings.RELEVO_DIGEST,
        "digest": _("on") if owners.wants_digest(box) else _("off"),
    }
    try:
        seen = listing(of_owner(box), after=number, limit=_ROWS)
    except DirectoryError as error:
        told["refusal"] = sentence(error)
    else:
        told |= {"rows": [Row(one) for one in seen.copies], "after": seen.after, "empty": not seen.copies}
    return page(request, box, "quarantine", _("Refused mail"), told)


@session.own
def quarantined(request: HttpRequest, box: Mailbox, number: str) -> HttpResponse:
    """Show one message, and do what its owner says."""
    sight = of_owner(box)
    try:
        found, reading = whole(sight, number)
        if request.method == "POST":
            _do(request, box, found, request.POST.get("do", ""))
            return redirect("account:quarantine")
    except DirectoryError as error:
        messages.warning(request, sentence(error))
        return redirect("account:quarantine")
    return page(request, box, "quarantined", found.subject or _("(no subject)"), {
        "row": Row(found, whole=True), "reading": reading, "author": found.author_address or found.sender,
        "may_release": found.kind in OF_OWNERS and bool(found.open),
    })


@session.own
def senders(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show what the owner has said of senders, and take it back."""
    if request.method == "POST":
        number = request.POST.get("rule", "")
        rule = sender_rules.of_owner(box).filter(pk=number).first() if number.isascii() and number.isdigit() else None
        try:
            if rule:
                name = rule.sender
                sender_rules.remove(rule)
                messages.success(request, _("Nothing is said of {sender} any more.").format(sender=name))
        except DirectoryError as error:
            messages.error(request, sentence(error))
        return redirect("account:senders")
    return page(request, box, "senders", _("Allowed and blocked senders"), {"rules": sender_rules.of_owner(box)})


def _do(request: HttpRequest, box: Mailbox, found: Copy, do: str) -> None:
    """Do it, and tell what came of each part; raise DirectoryError when a part could not be done."""
    sender = found.author_address or found.sender
    if do == "allow":
        messages.success(request, _say(Verdict.ALLOW, sender, box))
        if found.kind in OF_OWNERS and found.open:
            _act(request, box, found, RELEASED)
    elif do == "block":
        messages.success(request, _say(Verdict.BLOCK, sender, box))
        _act(request, box, found, DELETED)
    elif do in {RELEASED, DELETED}:
        _act(request, box, found, do)
    else:
        raise DirectoryError(str(_("choose what is to be done")))


def _act(request: HttpRequest, box: Mailbox, found: Copy, do: str) -> None:
    outcome = act(of_owner(box), do, [found.id])
    tell(request, sentences(outcome), done=bool(outcome.done))


def _say(verdict: Verdict, sender: str, box: Mailbox) -> str:
    rule = sender_rules.say(verdict, sender, box.address)
    text = _("{sender} is allowed from now on.") if verdict == Verdict.ALLOW else _("{sender} is blocked from now on.")
    return str(text).format(sender=rule.sender)
