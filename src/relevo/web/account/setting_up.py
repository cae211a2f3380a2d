"""What is entered in a mail program, and a profile that an iPhone, iPad or Mac enters by itself."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.contrib.messages import warning
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from relevo.cluster.wires import PROFILE_SOCKET
from relevo.directory import app_passwords
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError
from relevo.operate.daemon_words import told
from relevo.profile.ask import signed
from relevo.profile.building import IMAP_PORT, SMTP_PORT, Wanted, build
from relevo.profile.signing import NotSigned
from relevo.web.account import session
from relevo.web.account.confirming import Confirmed
from relevo.web.account.fields import Text
from relevo.web.account.pages import page
from relevo.web.login import sentence
from relevo.web.middleware import client

POP3_PORT = 995
_STARTTLS = {IMAP_PORT: 143, POP3_PORT: 110, SMTP_PORT: 587}
_PROFILE = "application/x-apple-aspen-config"


class Server(NamedTuple):
    """One server as a program asks for it."""

    purpose: str
    port: int
    starttls: int


class NewDevice(Confirmed):
    """What the device is called, whose password is in its profile; `made` is that."""

    name = Text(
        label=_("Name of the device"), most=app_passwords.NAME_LENGTH,
        help_text=_("e.g. “my phone”; the password is called so among your app passwords"),
        autocomplete="off",
    )
    field_order = ("name", "current")

    def clean(self) -> dict[str, object]:
        """Have the directory make the password."""
        given: dict[str, object] = self.cleaned_data
        if not self.errors:
            try:
                self.made = app_passwords.add(self.box, str(given["name"]), ["imap", "smtp"])
            except DirectoryError as error:
                self.add_error("name", sentence(error))
        return given


@session.own
def setting_up(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show what is entered, and say whether the profile is signed."""
    servers = [
        Server(str(name), port, _STARTTLS[port]) for name, port in (
            (_("Incoming mail (IMAP)"), IMAP_PORT), (_("Outgoing mail (SMTP)"), SMTP_PORT),
            (_("Incoming mail (POP3), for old programs"), POP3_PORT),
        )
    ]
    unsigned = _unsigned()
    said = _("The reason, for your administrator: {reason}") if unsigned else _(
        "It is signed with the certificate of {hostname}."
    )
    return page(request, box, "setting_up", _("Set up a mail program"), {
        "servers": servers, "unsigned": unsigned,
        "signature": str(said).format(reason=unsigned, hostname=settings.RELEVO_HOSTNAME),
    })


@session.own
def profile(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Send the profile without a password; the device asks for it when it is installed."""
    return _profile(request, box)


@session.own
def profile_with_password(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Ask, and send the profile with a new app password in it."""
    form = NewDevice(box, client(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _profile(request, box, form.made.plain)
    title = _("A profile with a password in it")
    return page(request, box, "profile_with_password", title, {"form": form, "unsigned": _unsigned()})


def _profile(request: HttpRequest, box: Mailbox, password: str = "") -> HttpResponse:
    description = str(_("Mail of {address}")).format(address=box)
    wanted = Wanted(box.address, name=box.name, description=description, password=password)
    try:
        content = signed(wanted, PROFILE_SOCKET)
    except NotSigned as why:
        content = build(wanted, settings.RELEVO_HOSTNAME)
        said = str(_("The profile is not signed, and the device says so: {reason}"))
        warning(request, said.format(reason=told(str(why))))
    answer = HttpResponse(content, content_type=_PROFILE)
    answer["Content-Disposition"] = f'attachment; filename="{box.local_part}.mobileconfig"'
    answer["Cache-Control"] = "no-store"
    return answer


def _unsigned() -> str:
    """Return why profiles are not signed now, empty when they are."""
    try:
        signed(None, PROFILE_SOCKET)
    except NotSigned as why:
        return told(str(why))
    return ""
