"""The shared mailboxes that an owner may open, and where they are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relevo.cluster.wires import SHARED_PREFIX
from relevo.directory import shared as sharing
from relevo.directory.models import Mailbox
from relevo.directory.shared_models import Level, SharedMember
from relevo.web.account import session
from relevo.web.account.pages import page

_LEVELS = {
    Level.READ: gettext_lazy("you may read it"),
    Level.WRITE: gettext_lazy("you may read, mark, move and delete its mail"),
    Level.MANAGE: gettext_lazy("you may do everything with its mail and folders"),
}


@session.own
def shared(request: HttpRequest, box: Mailbox) -> HttpResponse:
    """Show which ones there are."""
    rows = [(row.mailbox, _told(row)) for row in sharing.of_member(box)]
    return page(request, box, "shared", _("Shared mailboxes"), {"rows": rows, "folder": SHARED_PREFIX})


def _told(row: SharedMember) -> str:
    told = str(_LEVELS[Level(row.level)])
    return _("{rights}, and send as it").format(rights=told) if row.may_send else told
