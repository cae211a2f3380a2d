"""The way in: address and password, then the second factor on a page of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold import widgets

from relevo.directory import audit, factors, security_keys
from relevo.directory.login import log_in_with, right_code
from relevo.directory.models import Administrator
from relevo.directory.security_keys import Site
from relevo.errors import DirectoryError
from relevo.web import half
from relevo.web.login import sentence
from relevo.web.middleware import client

_CHALLENGE = "key_challenge"


class FirstStep(LoginView):
    """Address and password; who needs a second factor is not logged in by them."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in, or go on to the second factor."""
        administrator: Administrator = form.get_user()
        if not factors.decides(administrator):
            return super().form_valid(form)
        half.begin(self.request, administrator, self.get_success_url())
        return redirect("admin:second_step" if factors.has_one(administrator) else "admin:set_up")


def second_step(site: Any, request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of who has given the password, and log in."""
    administrator = half.administrator_of(request)
    if not administrator:
        return redirect("admin:index" if site.has_permission(request) else "admin:login")
    if not factors.has_one(administrator):
        return redirect("admin:set_up" if factors.demanded(administrator) else "admin:login")
    refusal = ""
    if request.method == "POST":
        try:
            _prove(request, administrator)
            return redirect(half.complete(request, administrator))
        except DirectoryError as error:
            refusal = sentence(error)
    return TemplateResponse(request, "relevo/second_step.html", _context(site, request, administrator, refusal))


def _prove(request: HttpRequest, administrator: Administrator) -> None:
    challenge, answer = take_challenge(request), request.POST.get("answer", "")

    def proof() -> bool:
        if answer:
            return security_keys.accepts(administrator, answer, challenge, place(request))
        return right_code(administrator, request.POST.get("code", "")[:100])

    with audit.acting(administrator.address, client(request)):
        log_in_with(administrator, client(request), proof)


def _context(site: Any, request: HttpRequest, administrator: Administrator, refusal: str) -> dict[str, Any]:
    has_app = factors.app_of(administrator) is not None
    question = ""
    if administrator.security_keys.all():
        question = keep_challenge(request, security_keys.ask_for_one(administrator, place(request)))
    return {
        **site.each_context(request), "title": _("Second factor"), "refusal": refusal, "question": question,
        "administrator": administrator, "form": _CodeForm(has_app=has_app),
    }


class _CodeForm(forms.Form):
    """What the app shows, or a recovery code."""

    code = forms.CharField(max_length=100, widget=widgets.UnfoldAdminTextInputWidget(attrs={
        "autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false",
    }))

    def __init__(self, *, has_app: bool) -> None:
        super().__init__()
        self.fields["code"].label = _("Code of your app, or a recovery code") if has_app else _("Recovery code")


def place(request: HttpRequest) -> Site:
    """Return what security keys are bound to."""
    return Site(str(settings.RELEVO_HOSTNAME), f"{request.scheme}://{request.get_host()}")


def keep_challenge(request: HttpRequest, question: security_keys.Question) -> str:
    """Keep a question's challenge in the session; return what the browser gets."""
    request.session[_CHALLENGE] = question.challenge
    return question.options


def take_challenge(request: HttpRequest) -> str:
    """Return the challenge of the last question; it is good for one answer."""
    return str(request.session.pop(_CHALLENGE, ""))
