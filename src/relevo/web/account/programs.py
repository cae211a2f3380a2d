"""App passwords: one for each program that fetches or sends an owner's mail."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import success
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relevo.directory import app_passwords, use
from relevo.directory.models import Mailbox
from relevo.directory.owner_models import AppPassword
from relevo.directory.use_models import DeviceUse
from relevo.errors import DirectoryError
from relevo.web.account import session
from relevo.web.account.confirming import Confirmed
from relevo.web.account.fields import Text, Tick
from relevo.web.account.pages import day_of, moment_of, page
from relevo.web.login import sentence
from relevo.web.middleware import client
from relevo.web.use_words import PROTOCOLS

_USES = {
    "imap": _("fetch mail (IMAP)"),
    "smtp": _("send mail (SMTP)"),
    "pop3": _("fetch mail (POP3)"),
}


class NewProgram(Confirmed):
    """What it is called and may do; `made` is what came of it."""

    name = Text(
        label=_("Name of the program or device"), most=app_passwords.NAME_LENGTH,
        help_text=_("e.g. “Thunderbird at home” or “my phone”"), autocomplete="off",
    )
    imap = Tick(label=_("Fetch mail (IMAP)"), initial=True)
    smtp = Tick(label=_("Send mail (SMTP)"), initial=True)
    pop3 = Tick(label=_("Fetch mail (POP3), for old programs"))
    field_order = ("name", "imap", "smtp", "pop3", "current")

    def clean(self) -> dict[str, Any]:
        """Have the directory make it."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                self.made = app_passwords.add(self.box, given["name"], [use for use in _USES if given[use]])
            except DirectoryError as error:
                self.add_error("name", sentence(error))
        return given


@session.own
def programs(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show the app passwords."""
    last = use.of_app_passwords(box)
    rows = [(row, _told(row), _used(last.get(row.pk))) for row in app_passwords.of(box)]
    return page(request, box, "programs", _("App passwords"), {"rows": rows})


@session.own
def new_program(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Make one, and show it this once."""
    form = NewProgram(box, client(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        return page(request, box, "new_program_made", _("Your app password"), {"made": form.made})
    return page(request, box, "new_program", _("New app password"), {"form": form})


@session.own
def revoke_program(request: HttpRequest, box: Mailbox, number: int) -> HttpResponse:
    """Ask, and end one."""
    row = app_passwords.of(box).filter(pk=number).first()
    if not row:
        return redirect("account:programs")
    refusal = ""
    if request.method == "POST":
        try:
            app_passwords.revoke(box, number)
        except DirectoryError as error:
            refusal = sentence(error)
        else:
            success(request, _("“{name}” can no longer log in.").format(name=row))
            return redirect("account:programs")
    title = _("Revoke “{name}”?").format(name=row)
    return page(request, box, "revoke_program", title, {"row": row, "refusal": refusal})


def _told(row: AppPassword) -> str:
    """Return in words what it is for and how old it is."""
    uses = ", ".join(str(text) for use, text in _USES.items() if getattr(row, use))
    made = _("made on {day}").format(day=day_of(timezone.localtime(row.created_at)))
    return f"{uses}; {made}"


def _used(last: DeviceUse | None) -> str:
    """Return when it was used last, how and from where."""
    if not last:
        return str(_("not used to fetch mail in 90 days, as far as is known"))
    return str(_("last used on {moment}: {what}, from {client}")).format(
        moment=moment_of(last.last_at), what=PROTOCOLS.get(last.protocol, last.protocol), client=last.client
    )
