"""The daily list of refused mail: whether an owner wants it, and what its links open, without a login."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from relevo.directory import owners
from relevo.directory.digest_models import DigestLink
from relevo.directory.links import LinkError
from relevo.directory.models import Mailbox
from relevo.directory.quarantine.digest import links
from relevo.directory.quarantine.words import sentences
from relevo.errors import DirectoryError, QuarantineError, UnavailableError
from relevo.web.account import session
from relevo.web.account.fields import Choice, Tick
from relevo.web.account.pages import page
from relevo.web.login import sentence
from relevo.web.middleware import client
from relevo.web.quarantine_rows import Row

LONGEST = 100  # characters of a link's secret part


class DigestForm(forms.Form):
    """Whether, and in which language."""

    digest = Tick(
        label=_("Send me a list of what was refused for me"),
        help_text=_("By mail, once a day, when there is something new."),
    )
    language = Choice([("", _("that of the platform")), *settings.LANGUAGES], label=_("Language"))

    def __init__(self, box: Mailbox, sent: Any = None) -> None:
        choice = getattr(box, "choice", None)
        language = choice.language if choice else ""
        super().__init__(sent, initial={"digest": owners.wants_digest(box), "language": language})


@session.own
def digest(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show and set whether an owner wants it."""
    form = DigestForm(box, request.POST or None) if settings.RELEVO_DIGEST else None
    if form and request.method == "POST" and form.is_valid():
        try:
            owners.choose(box, **form.cleaned_data)
        except DirectoryError as error:
            form.add_error(None, sentence(error))
        else:
            wanted = form.cleaned_data["digest"]
            success(request, _("You get the list from now on.") if wanted else _("You get no list any more."))
            return redirect("account:quarantine")
    return page(request, box, "digest", _("Daily list of refused mail"), {"form": form})


def release(request: HttpRequest) -> HttpResponse:
    """Show the message that a link is for, and have it delivered when who opened it says so."""
    given = request.POST if request.method == "POST" else request.GET
    secret = given.get("t", "")[:LONGEST]
    try:
        link = links.find(secret, client(request))
        if request.method == "POST":
            told: dict[str, Any] = {"said": _done(request, link)}
        else:
            told = {"row": Row(links.copy_of(link)), "secret": secret, "address": link.digest.mailbox.address}
    except DirectoryError as error:
        return answer(page(request, None, "release", _("Refused mail"), {"refusal": sentence(error)}), status(error))
    return answer(page(request, None, "release", _("Refused mail"), told))


def _done(request: HttpRequest, link: DigestLink) -> list[str]:
    """Do what was chosen; return what is to be told."""
    if request.POST.get("do") == "stop":
        links.stop(link, client(request))
        return [str(_("You get no list any more."))]
    return sentences(links.release(link, client(request)))


def answer(shown: HttpResponse, code: int = 200) -> HttpResponse:
    """Return a page that a link has led to; where it leads to nobody shall learn the link from it."""
    shown.status_code = code
    shown["Referrer-Policy"] = "strict-origin"
    return shown


def status(error: DirectoryError) -> int:
    """Return what a page says whose link can't be used."""
    if isinstance(error, QuarantineError | UnavailableError):
        return 503
    return 404 if isinstance(error, LinkError) else 409
