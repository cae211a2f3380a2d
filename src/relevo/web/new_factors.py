"""Adding a second factor: an app by its QR code, a security key or passkey.

For who is logged in, and for who must have a factor and has none: they have given the password and see nothing else
until it is done (half.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth import update_session_auth_hash
from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from relevo.directory import audit, factors, security_keys, totp
from relevo.directory.login import set_up_done
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError
from relevo.web import half, qr
from relevo.web.factor_forms import AppForm, Confirmed, KeyForm
from relevo.web.login import sentence
from relevo.web.middleware import client
from relevo.web.second_step import keep_challenge, place, take_challenge
from relevo.web.section import who

_NEW_KEY = "new_app_key"  # in the session, sealed


class Person(NamedTuple):
    """Whose factors are being changed; `halfway` when a login has to be completed by that."""

    administrator: Administrator
    halfway: bool


class NewFactors:
    """The pages, for the site that they are part of; each finds out by itself whom it is for."""

    def __init__(self, site: Any) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        """Return their addresses."""
        return [
            path("login/set-up/", self.set_up, name="set_up"),
            path("factors/app/", self.app, name="factor_app"),
            path("factors/key/", self.key, name="factor_key"),
        ]

    def set_up(self, request: HttpRequest) -> HttpResponse:
        """Lead who must have a factor, and has none, to choose one."""
        person = self._person(request)
        if not person:
            return redirect("admin:login")
        if not person.halfway:
            return redirect("admin:factors")
        return page(self._site, request, "relevo/set_up.html", _("Set up a second factor"), {"person": person})

    def app(self, request: HttpRequest) -> HttpResponse:
        """Show a new key as a QR code, and take it up when a code of it has come."""
        person = self._person(request)
        if not person:
            return redirect("admin:login")
        form = AppForm(person.administrator, client(request), request.POST or None, just_given=person.halfway)
        sealed = str(request.session.setdefault(_NEW_KEY, totp.draw_key()))
        if request.method == "POST" and form.is_valid():
            added = self._add(request, person, form, "code", lambda: totp.confirm(
                person.administrator, sealed, form.cleaned_data["code"]
            ))
            if added:
                return added
        return page(self._site, request, "relevo/factor_app.html", _("Set up an authenticator app"), {
            "person": person, "form": form, "spelled": totp.spelled(sealed),
            "code": qr.svg(totp.address_of(sealed, person.administrator.address, place(request).hostname)),
        })

    def key(self, request: HttpRequest) -> HttpResponse:
        """Ask a new security key, and take it up when it has answered."""
        person = self._person(request)
        if not person:
            return redirect("admin:login")
        form = KeyForm(person.administrator, client(request), request.POST or None, just_given=person.halfway)
        challenge = take_challenge(request)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            added = self._add(request, person, form, "name", lambda: security_keys.add(
                person.administrator, given["name"], given["answer"], challenge, place(request)
            ))
            if added:
                return added
        question = keep_challenge(request, security_keys.ask_for_new(person.administrator, place(request)))
        return page(self._site, request, "relevo/factor_key.html", _("Add a security key or passkey"), {
            "person": person, "form": form, "question": question,
        })

    def _add(
        self, request: HttpRequest, person: Person, form: Confirmed, field: str, work: Callable[[], list[str]]
    ) -> HttpResponse | None:
        """Add a factor, and go on as whoever has it; return nothing when the form says what is wrong."""
        try:
            with audit.acting(person.administrator.address, client(request)):
                codes = work()
        except DirectoryError as error:
            form.add_error(field, sentence(error))
            return None
        request.session.pop(_NEW_KEY, None)
        then = self._go_on(request, person)
        if not codes:
            success(request, _("That is done. Wherever else you were logged in, you no longer are."))
            return redirect(then)
        return page(self._site, request, "relevo/recovery_codes.html", _("Your recovery codes"), {
            "codes": codes, "then": then, "person": person,
        })

    def _go_on(self, request: HttpRequest, person: Person) -> str:
        """Complete a login, or keep this session, which began with other factors; return what is shown next."""
        if person.halfway:
            set_up_done(person.administrator, client(request))
            return half.complete(request, person.administrator)
        half.note_second_factor(request)
        update_session_auth_hash(request, Administrator.objects.get(pk=person.administrator.pk))
        return reverse("admin:factors")

    def _person(self, request: HttpRequest) -> Person | None:
        """Return who may add a factor: whoever is logged in, or who can't be without having one."""
        if self._site.has_permission(request):
            return Person(who(request), halfway=False)
        found = half.administrator_of(request)
        due = found and factors.demanded(found) and not factors.has_one(found)
        return Person(found, halfway=True) if found and due else None


def page(site: Any, request: HttpRequest, template: str, title: str, more: dict[str, Any]) -> HttpResponse:
    """Show a page of the site, or of the way in for who is on it."""
    person = more.get("person")
    layout = "unfold/layouts/unauthenticated.html" if person and person.halfway else "admin/base_site.html"
    return TemplateResponse(request, template, {**site.each_context(request), "title": title, "layout": layout, **more})
