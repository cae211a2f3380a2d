"""Login and logout."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from relevo.directory import audit, owner_factors, owners
from relevo.errors import DirectoryError
from relevo.web.account import session
from relevo.web.account.fields import Password, Text
from relevo.web.account.pages import page
from relevo.web.login import sentence
from relevo.web.middleware import client


class LoginForm(forms.Form):
    """Address and password; `box` is whose they are."""

    address = Text(
        label=_("E-mail address"), most=254, inputmode="email", autocomplete="username",
        autocapitalize="none", spellcheck="false",
    )
    password = Password(label=_("Password"))

    def __init__(self, place: str, *args: Any) -> None:
        super().__init__(*args)
        self._place = place

    def clean(self) -> dict[str, Any]:
        """Ask the directory, and tidy up sessions that are over."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                self.box = owners.log_in(given["address"], given["password"], self._place)
            except DirectoryError as error:
                raise forms.ValidationError(sentence(error)) from None
            SessionStore.clear_expired()
        return given


class CodeForm(forms.Form):
    """What the app shows, or a recovery code."""

    code = Text(
        label=_("Code of your app, or a recovery code"), most=100, autocomplete="one-time-code", autocapitalize="none",
        spellcheck="false",
    )


def login(request: HttpRequest) -> HttpResponse:
    """Ask for address and password."""
    if request.method == "GET" and session.owner_of(request):
        return redirect("account:overview")
    form = LoginForm(client(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        if owner_factors.app_of(form.box):
            session.begin_half(request, form.box)
            return redirect("account:second_step")
        session.begin(request, form.box)
        return redirect("account:overview")
    return page(request, None, "login", _("Log in"), {"form": form})


def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of who has given the password, and log in."""
    box = session.half_owner_of(request)
    if not box:
        return redirect("account:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with audit.acting(box.address, client(request)):
                owners.log_in_with(box, form.cleaned_data["code"], client(request))
        except DirectoryError as error:
            form.add_error("code", sentence(error))
        else:
            session.begin(request, box)
            return redirect("account:overview")
    return page(request, None, "second_step", _("Second factor"), {"form": form})


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Log out."""
    session.end(request)
    return redirect("account:login")
