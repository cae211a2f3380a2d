"""Mailboxes."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from relevo.directory import app_passwords, describe_use, mailboxes, scope, use
from relevo.directory.models import Administrator, Mailbox
from relevo.directory.searching import matching
from relevo.directory.tokens import MAILBOXES
from relevo.web.api import mailbox_shapes, telling, use_shapes
from relevo.web.api.bearer import require_global
from relevo.web.api.kind import Kind
from relevo.web.api.operations.filters import InDomain, narrowed, require_own_domain
from relevo.web.api.words import NamedByAddress

router = Router(tags=[MAILBOXES])


class Filters(InDomain):
    """Which mailboxes."""

    removed: bool = Field(default=False, description="Those that were removed and still have their mail.")


def _rows(administrator: Administrator) -> QuerySet[Mailbox]:
    return scope.within(administrator, use.shown(mailboxes.listing()))


def _removed(administrator: Administrator) -> QuerySet[Mailbox]:
    return scope.within(administrator, use.shown(mailboxes.listing(removed=True)))


IN_USE, _REMOVED = Kind(_rows, describe_use.used_mailbox), Kind(_removed, describe_use.used_mailbox)


@router.get("", response=mailbox_shapes.Mailboxes, **telling.listing(MAILBOXES, "listMailboxes"))
def list_mailboxes(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List mailboxes, by address.

    `search` looks in address and name.
    """
    kind = _REMOVED if filters.removed else IN_USE
    rows = matching(narrowed(kind.rows(request), filters), filters.search, ("address",), ("name",))
    return kind.page(request, rows, filters)


@router.post("", response={201: mailbox_shapes.Mailbox}, **telling.adding(MAILBOXES, "addMailbox"))
def add_mailbox(request: HttpRequest, given: mailbox_shapes.NewMailbox) -> HttpResponse:
    """Add a mailbox.

    Its owner can log in at once.
    """
    require_own_domain(request, given.address)
    options = given.model_dump(exclude={"address", "password"})
    password = given.password.get_secret_value()
    return IN_USE.add(request, lambda: mailboxes.add(given.address, password, **options))


@router.get("/{address}", response=mailbox_shapes.Mailbox, **telling.reading(MAILBOXES, "getMailbox"))
def get_mailbox(request: HttpRequest, address: NamedByAddress, *, removed: bool = False) -> HttpResponse:
    """Read a mailbox.

    A removed one is found with `removed=true` only.
    """
    return (_REMOVED if removed else IN_USE).read(request, address)


@router.get("/{address}/use", response=use_shapes.MailboxUse, **telling.reading(MAILBOXES, "getMailboxUse"))
def get_mailbox_use(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Read with which devices a mailbox is used, and when each of its app passwords was used last.

    What has happened until `as_of` is in it.
    """
    return Kind(_rows, describe_use.use_of).read(request, address)


@router.patch("/{address}", response=mailbox_shapes.Mailbox, **telling.changing(MAILBOXES, "changeMailbox"))
def change_mailbox(request: HttpRequest, address: NamedByAddress, given: mailbox_shapes.MailboxChanges) -> HttpResponse:
    """Change what is given of a mailbox."""
    changes = given.given()
    password = changes.pop("password", None)

    def act(box: Mailbox) -> None:
        if password:
            mailboxes.set_password(box.address, password.get_secret_value())
        if changes:
            mailboxes.change(box.address, **changes)

    return IN_USE.change(request, address, act)


@router.delete(
    "/{address}/app-passwords", response={204: None}, **telling.removing(MAILBOXES, "revokeAppPasswords")
)
def revoke_app_passwords(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Revoke all app passwords of a mailbox.

    Programs that are logged in with one are thrown out.
    """
    return IN_USE.remove(request, address, app_passwords.revoke_all)


@router.delete("/{address}", response={204: None}, **telling.removing(MAILBOXES, "removeMailbox"))
def remove_mailbox(request: HttpRequest, address: NamedByAddress, *, everywhere: bool = False) -> HttpResponse:
    """Remove a mailbox; its mail stays.

    It receives nothing any more and nobody can log in to it, until it is restored. With `everywhere`, which is for
    global administrators, it is taken out of the aliases, lists and forwarding that send mail to it; otherwise it is
    refused while there are such.
    """
    if everywhere:
        require_global(request, _("Only global administrators take an address out of all domains."))
    return IN_USE.remove(request, address, lambda box: mailboxes.remove(box.address, everywhere=everywhere))


@router.post("/{address}/restore", response=mailbox_shapes.Mailbox, **telling.acting(MAILBOXES, "restoreMailbox"))
def restore_mailbox(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Bring a removed mailbox back, with its mail and password."""
    return IN_USE.bring_back(request, address, _REMOVED.rows(request), mailboxes.restore)
