"""The shared mailboxes that an owner may open, and where they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from relevo.cluster.wires import SHARED_PREFIX
from relevo.directory import shared as sharing
from relevo.directory.models import Mailbox
from relevo.directory.shared_models import Level, SharedMember
from relevo.web.account import session
from relevo.web.account.pages import page

_LEVELS = {
    Level.READ: _("you may read it"),
    Level.WRITE: _("you may read, mark, move and delete its mail"),
    Level.MANAGE: _("you may do everything with its mail and folders"),
}


@session.own
def shared(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show which ones there are."""
    rows = [(row.mailbox, _told(row)) for row in sharing.of_member(box)]
    where = _(
        "You find them in your mail program and in the webmail among your folders, in “{folder}”. No other password is "
        "needed."
    )
    told = {"rows": rows, "where": str(where).format(folder=SHARED_PREFIX)}
    return page(request, box, "shared", _("Shared mailboxes"), told)


def _told(row: SharedMember) -> str:
    told = str(_LEVELS[Level(row.level)])
    return str(_("{rights}, and send as it")).format(rights=told) if row.may_send else told
