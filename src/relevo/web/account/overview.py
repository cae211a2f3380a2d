"""The start page: what is set, and the way to change it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relevo.directory import app_passwords, owner_factors, shared, use
from relevo.directory.models import Mailbox
from relevo.directory.use_models import MailboxUse
from relevo.web.account import answering, session
from relevo.web.account.answering import Answering
from relevo.web.account.held import owned
from relevo.web.account.pages import day_of, moment_of, page
from relevo.web.amounts import mib


@session.own
def overview(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show what is set."""
    count = app_passwords.of(box).count()
    return page(request, box, "overview", _("My mailbox"), {
        "quota": _space(box), "devices": _devices(box),
        "factor": _("on") if owner_factors.app_of(box) else _("off"),
        "shared": ", ".join(row.mailbox.address for row in shared.of_member(box)) or _("none"),
        "owned": ", ".join(owned(box)), "forwarded": _forwarded(box), "absence": _absence(answering.look(request, box)),
        "programs": ngettext("{count} app password", "{count} app passwords", count).format(count=count)
        if count else _("none: your programs use the mailbox's own password"),
    })


def _space(box: Mailbox) -> str:
    """Return how much of what is used, as far as it has been counted."""
    allowed = _("up to {size} MiB").format(size=box.quota_mb) if box.quota_mb else _("no limit")
    known = MailboxUse.objects.filter(mailbox__address=box.address).exclude(quota_used=None).first()
    if not known or known.quota_used is None:
        return allowed
    counted = _("counted on {moment}").format(moment=moment_of(known.quota_at)) if known.quota_at else ""
    if not box.quota_mb:
        return _("{used} used, no limit ({counted})").format(used=mib(known.quota_used), counted=counted)
    return _("{used} of {size} MiB used ({counted})").format(
        used=mib(known.quota_used), size=box.quota_mb, counted=counted
    )


def _devices(box: Mailbox) -> str:
    last = use.devices(box)[:1]
    if not last:
        return _("what your mail is fetched and sent with")
    return _("the last one on {moment}").format(moment=moment_of(last[0].use.last_at))


def _forwarded(box: Mailbox) -> str:
    targets = sorted(row.target for row in box.forwards.all())
    if not targets:
        return _("none: your mail stays here")
    kept = _("a copy stays here") if box.keep_copy else _("nothing stays here")
    return f"{', '.join(targets)} ({kept})"


def _absence(known: Answering) -> str:
    """Return whether mail is answered, and as of when that is known: the webmail changes it, too."""
    if known.refusal or not known.asked:
        return known.refusal or _answers(known)
    moment = f"{timezone.localtime(known.asked):%H:%M}"
    return _("{state} (as of {moment})").format(state=_answers(known), moment=moment)


def _answers(known: Answering) -> str:
    if not known.on:
        return _("off")
    first, last = (day_of(day) if day else "" for day in (known.first, known.last))
    if first and last:
        return _("on, from {first} to {last}").format(first=first, last=last)
    if last:
        return _("on, until {last}").format(last=last)
    return _("on, from {first}").format(first=first) if first else _("on")
