"""The pages of one's own second factors: what there is, removing, recovery codes; new_factors.py adds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relevo.directory import factors, recovery, security_keys, totp
from relevo.directory.login_models import SecurityKey
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError
from relevo.web.factor_forms import Confirmed
from relevo.web.login import sentence
from relevo.web.middleware import client
from relevo.web.new_factors import page
from relevo.web.section import who


class OwnFactors:
    """The pages, for the site that they are part of."""

    def __init__(self, site: Any) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        """Return their addresses, all of them for who is logged in."""
        own = self._site.admin_view
        return [
            path("factors/", own(self.overview), name="factors"),
            path("factors/codes/", own(self.codes), name="factor_codes"),
            path("factors/app/remove/", own(self.remove_app), name="factor_app_remove"),
            path("factors/key/<int:key>/remove/", own(self.remove_key), name="factor_key_remove"),
        ]

    def overview(self, request: HttpRequest) -> HttpResponse:
        """Show one's factors, and the way to change them."""
        person, app = who(request), factors.app_of(who(request))
        left = recovery.left(person)
        return page(self._site, request, "relevo/factors.html", _("My second factors"), {
            "app_since": _("Set up on {day}.").format(day=_day(app.created_at)) if app else "",
            "keys": [(key, _use(key)) for key in person.security_keys.all()],
            "left": ngettext("{count} code is left.", "{count} codes are left.", left).format(count=left),
            "has_one": factors.has_one(person), "demanded": factors.demanded(person),
        })

    def remove_app(self, request: HttpRequest) -> HttpResponse:
        """Ask, and take the app away."""
        person = who(request)
        if not factors.app_of(person):
            return redirect("admin:factors")
        points = (_("Its codes are good for nothing any more: delete the entry on the phone, too."), *_left(person))
        return self._sure(request, _("Remove the authenticator app?"), points, lambda: totp.remove(person))

    def remove_key(self, request: HttpRequest, key: int) -> HttpResponse:
        """Ask, and take a key away."""
        person = who(request)
        entry = person.security_keys.filter(pk=key).first()
        if not entry:
            return redirect("admin:factors")
        title = _("Remove the key “{name}”?").format(name=entry)
        points = (_("It opens nothing here any more; other places that know it are not touched."), *_left(person))
        return self._sure(request, title, points, lambda: security_keys.remove(person, key))

    def codes(self, request: HttpRequest) -> HttpResponse:
        """Ask, and make new recovery codes."""
        person = who(request)
        if not factors.has_one(person):
            return redirect("admin:factors")
        form = self._asked(request)
        if request.method == "POST" and form.is_valid():
            return page(self._site, request, "relevo/recovery_codes.html", _("Your recovery codes"), {
                "codes": recovery.renew(person), "then": reverse("admin:factors"),
            })
        return self._question(request, form, _("Make new recovery codes?"), (
            _("Those that you have are good for nothing from then on."),
        ))

    def _sure(
        self, request: HttpRequest, title: str, points: tuple[str, ...], work: Callable[[], None]
    ) -> HttpResponse:
        form = self._asked(request)
        if request.method == "POST" and form.is_valid():
            try:
                work()
            except DirectoryError as error:
                form.add_error(None, sentence(error))
            else:
                update_session_auth_hash(request, Administrator.objects.get(pk=who(request).pk))
                success(request, _("That is done. Wherever else you were logged in, you no longer are."))
                return redirect("admin:factors")
        return self._question(request, form, title, points)

    def _asked(self, request: HttpRequest) -> Confirmed:
        return Confirmed(who(request), client(request), request.POST or None, just_given=False)

    def _question(
        self, request: HttpRequest, form: Confirmed, title: str, points: tuple[str, ...]
    ) -> HttpResponse:
        return page(self._site, request, "relevo/factor_sure.html", title, {"form": form, "points": points})


def _left(person: Administrator) -> tuple[str, ...]:
    """Return what else goes with a factor that is the last one."""
    last = person.security_keys.count() + (factors.app_of(person) is not None) == 1
    text = _("It is your last one: your recovery codes go with it, and the password alone lets you in.")
    return (text,) if last and not factors.demanded(person) else ()


def _use(key: SecurityKey) -> str:
    return _("Last used on {day}.").format(day=_day(key.used_at)) if key.used_at else _("Never used yet.")


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}"
