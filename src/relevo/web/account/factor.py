"""The owner's second factor for this portal: an app on a phone, and codes on paper."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from relevo.directory import owner_factors, owners, totp
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError
from relevo.web import qr
from relevo.web.account import session
from relevo.web.account.confirming import Confirmed
from relevo.web.account.fields import Text
from relevo.web.account.pages import day_of, page
from relevo.web.login import sentence
from relevo.web.middleware import client

_NEW_KEY = "new_owner_key"  # in the session, sealed


class AppForm(Confirmed):
    """A code of the new app; `codes` are the recovery codes that come with it."""

    code = Text(
        label=_("The six digits that the app shows"), most=20, autocomplete="one-time-code", inputmode="numeric"
    )
    field_order = ("code", "current")

    def __init__(self, box: Mailbox, place: str, sealed: str, *args: Any) -> None:
        super().__init__(box, place, *args)
        self._sealed = sealed

    def clean(self) -> dict[str, Any]:
        """Have the directory take the key up."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                self.codes = owner_factors.confirm(self.box, self._sealed, given["code"])
            except DirectoryError as error:
                self.add_error("code", sentence(error))
        return given


@session.own
def factor(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show what there is."""
    app, left = owner_factors.app_of(box), owner_factors.left(box)
    return page(request, box, "factor", _("Second factor"), {
        "since": _("Set up on {day}.").format(day=day_of(timezone.localtime(app.created_at))) if app else "",
        "left": ngettext("{count} code is left.", "{count} codes are left.", left).format(count=left),
    })


@session.own
def set_up_factor(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show a new key as a QR code, and take it up when a code of it has come."""
    sealed = str(request.session.setdefault(_NEW_KEY, totp.draw_key()))
    form = AppForm(box, client(request), sealed, request.POST or None)
    if request.method == "POST" and form.is_valid():
        del request.session[_NEW_KEY]
        return _keep_and_show(request, box, form.codes)
    return page(request, box, "factor_new", _("Set up an app"), {
        "form": form, "spelled": totp.spelled(sealed),
        "code": qr.svg(totp.address_of(sealed, box.address, settings.RELEVO_HOSTNAME)),
    })


@session.own
def factor_codes(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Ask, and make new recovery codes."""
    if not owner_factors.app_of(box):
        return redirect("account:factor")
    form = Confirmed(box, client(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _keep_and_show(request, box, owner_factors.renew(box))
    return page(request, box, "factor_sure", _("Make new recovery codes?"), {
        "form": form, "point": _("Those that you have are good for nothing from then on."),
    })


@session.own
def remove_factor(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Ask, and take the second factor away."""
    if not owner_factors.app_of(box):
        return redirect("account:factor")
    form = Confirmed(box, client(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        owner_factors.remove(box)
        session.keep(request, _anew(box))
        success(request, _("The password alone lets you in from now on."))
        return redirect("account:factor")
    return page(request, box, "factor_sure", _("Remove the second factor?"), {
        "form": form, "point": _("The password alone lets you in then, and the recovery codes are good for nothing."),
    })


def _keep_and_show(request: HttpRequest, box: Mailbox, codes: list[str]) -> HttpResponse:
    """Show recovery codes this once, in the one session that goes on."""
    session.keep(request, _anew(box))
    return page(request, box, "factor_made", _("Your recovery codes"), {"codes": codes})


def _anew(box: Mailbox) -> Mailbox:
    return owners.people().get(pk=box.pk)
