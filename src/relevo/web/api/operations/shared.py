"""Shared mailboxes."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from relevo.directory import describe, scope, shared, shared_conversion
from relevo.directory.models import Administrator
from relevo.directory.searching import matching
from relevo.directory.shared_models import SharedMailbox
from relevo.directory.tokens import MAILBOXES
from relevo.web.api import mailbox_shapes, shapes, telling
from relevo.web.api.kind import Kind
from relevo.web.api.operations.filters import InDomain, narrowed, require_own_domain
from relevo.web.api.operations.mailboxes import IN_USE
from relevo.web.api.words import NamedByAddress

PATH = "shared-mailboxes"
router = Router(tags=[PATH])


def _rows(administrator: Administrator) -> QuerySet[SharedMailbox]:
    return scope.within(administrator, shared.listing())


_SHARED = Kind(_rows, describe.shared_mailbox)


@router.get("", response=shapes.SharedMailboxes, **telling.listing(MAILBOXES, "listSharedMailboxes"))
def list_shared_mailboxes(request: HttpRequest, filters: Query[InDomain]) -> HttpResponse:
    """List shared mailboxes, by address.

    `search` looks in address and name.
    """
    rows = matching(narrowed(_SHARED.rows(request), filters), filters.search, ("address",), ("name",))
    return _SHARED.page(request, rows, filters)


@router.post("", response={201: shapes.SharedMailbox}, **telling.adding(MAILBOXES, "addSharedMailbox"))
def add_shared_mailbox(request: HttpRequest, given: shapes.NewSharedMailbox) -> HttpResponse:
    """Add a shared mailbox.

    Its members find it in their mail programs within seconds, in the folder `Shared mailboxes`.
    """
    require_own_domain(request, given.address)
    return _SHARED.add(request, lambda: shared.add(**given.model_dump()))


@router.get("/{address}", response=shapes.SharedMailbox, **telling.reading(MAILBOXES, "getSharedMailbox"))
def get_shared_mailbox(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Read a shared mailbox."""
    return _SHARED.read(request, address)


@router.patch("/{address}", response=shapes.SharedMailbox, **telling.changing(MAILBOXES, "changeSharedMailbox"))
def change_shared_mailbox(
    request: HttpRequest, address: NamedByAddress, given: shapes.SharedMailboxChanges
) -> HttpResponse:
    """Change what is given of a shared mailbox.

    A list replaces the one of before. Who is in none of the first three any more can't send as it either.
    """
    changes = given.given()
    return _SHARED.change(request, address, lambda entry: changes and shared.change(entry.address, **changes))


@router.delete("/{address}", response={204: None}, **telling.removing(MAILBOXES, "removeSharedMailbox"))
def remove_shared_mailbox(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Remove a shared mailbox; its mail stays.

    It is then among the removed mailboxes, and is restored there with its members.
    """
    return _SHARED.remove(request, address, lambda entry: shared.remove(entry.address))


@router.post(
    "/{address}/share", response=shapes.SharedMailbox, **telling.acting(MAILBOXES, "shareMailbox")
)
def share_mailbox(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Make the mailbox at this address a shared one, with its mail.

    Its password, its app passwords and all its sessions end at once; nobody opens it until members are named.
    """
    return _SHARED.bring_back(request, address, IN_USE.rows(request), shared_conversion.share)


@router.post("/{address}/unshare", response=mailbox_shapes.Mailbox, **telling.acting(MAILBOXES, "unshareMailbox"))
def unshare_mailbox(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Make a shared mailbox one person's, with its mail.

    Its members no longer open it, and nobody can log in until it is given a password.
    """
    return IN_USE.bring_back(request, address, _SHARED.rows(request), shared_conversion.unshare)
