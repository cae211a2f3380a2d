"""Where an owner's mail goes on to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from relevo.directory import owners
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError
from relevo.web.account import session
from relevo.web.account.fields import Lines, Tick
from relevo.web.account.pages import page
from relevo.web.login import sentence


class ForwardingForm(forms.Form):
    """The addresses, and whether mail stays."""

    to = Lines(
        label=_("Addresses that your mail goes on to"), help_text=_("One a line; none ends it.")
    )
    keep_copy = Tick(label=_("Keep what is forwarded in this mailbox, too"))

    def __init__(self, box: Mailbox, sent: Any = None) -> None:
        targets = sorted(row.target for row in box.forwards.all())
        super().__init__(sent, initial={"to": targets, "keep_copy": box.keep_copy or not targets})
        self._box = box

    def clean(self) -> dict[str, Any]:
        """Have the directory set it."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                owners.set_forwarding(self._box, given["to"], keep_copy=given["keep_copy"])
            except DirectoryError as error:
                self.add_error("to", sentence(error))
        return given


@session.own
def forwarding(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show and set where the mail goes on to."""
    form = ForwardingForm(box, request.POST or None)
    if request.method == "POST" and form.is_valid():
        ends = not form.cleaned_data["to"]
        success(request, _("Your mail stays here alone.") if ends else _("Your mail is forwarded from now on."))
        return redirect("account:overview")
    return page(request, box, "forwarding", _("Forwarding"), {"form": form})
