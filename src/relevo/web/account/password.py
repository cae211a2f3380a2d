"""The owner's own password."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from relevo.directory import mailboxes
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError
from relevo.web.account import session
from relevo.web.account.confirming import Confirmed
from relevo.web.account.fields import Password
from relevo.web.account.pages import page
from relevo.web.login import sentence
from relevo.web.middleware import client


class PasswordForm(Confirmed):
    """The password now, and the new one twice."""

    password = Password(
        label=_("New password"), kept="new-password",
        help_text=_("10 characters or more, best several words that have nothing to do with each other."),
    )
    again = Password(label=_("The new one again"), kept="new-password")

    def clean(self) -> dict[str, Any]:
        """Compare the new ones, and set it."""
        given: dict[str, Any] = self.cleaned_data
        if self.errors:
            return given
        if given["password"] != given["again"]:
            self.add_error("again", _("The two passwords are not the same."))
            return given
        try:
            mailboxes.set_password(self.box.address, given["password"])
        except DirectoryError as error:
            self.add_error("password", sentence(error))
        return given


@session.own
def password(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Change the password; the owner's other sessions here end, this one stays."""
    form = PasswordForm(box, client(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        box.refresh_from_db()
        session.keep(request, box)
        success(request, _("Your password is changed: enter the new one in the programs that use it."))
        return redirect("account:overview")
    return page(request, box, "password", _("Change the password"), {"form": form})
