"""The start page: what is set, and the way to change it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relevo.directory import app_passwords
from relevo.directory.models import Mailbox
from relevo.web.account import session
from relevo.web.account.pages import page


@session.own
def overview(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show what is set."""
    count = app_passwords.of(box).count()
    return page(request, box, "overview", _("My mailbox"), {
        "quota": _("up to {size} MiB").format(size=box.quota_mb) if box.quota_mb else _("no limit"),
        "forwarded": _forwarded(box),
        "programs": ngettext("{count} app password", "{count} app passwords", count).format(count=count)
        if count else _("none: your programs use the mailbox's own password"),
    })


def _forwarded(box: Mailbox) -> str:
    targets = sorted(row.target for row in box.forwards.all())
    if not targets:
        return _("none: your mail stays here")
    kept = _("a copy stays here") if box.keep_copy else _("nothing stays here")
    return f"{', '.join(targets)} ({kept})"
