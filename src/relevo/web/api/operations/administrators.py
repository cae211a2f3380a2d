"""Administrators: a matter of global ones, which each operation's scope stands for (see bearer.py)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from relevo.directory import administrators, describe, scope
from relevo.directory.models import Administrator
from relevo.directory.searching import matching
from relevo.directory.tokens import ADMINISTRATORS
from relevo.web.api import administrator_shapes as shapes
from relevo.web.api import telling
from relevo.web.api.kind import Kind
from relevo.web.api.operations.filters import Filters, narrowed
from relevo.web.api.words import NamedByAddress

router = Router(tags=[ADMINISTRATORS])
_ADMINISTRATOR = Kind(scope.administrators, describe.administrator)


@router.get("", response=shapes.Administrators, **telling.listing(ADMINISTRATORS, "listAdministrators"))
def list_administrators(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List administrators, by address.

    `search` looks in the address.
    """
    rows = matching(narrowed(_ADMINISTRATOR.rows(request), filters), filters.search, ("address",))
    return _ADMINISTRATOR.page(request, rows, filters)


@router.post("", response={201: shapes.Administrator}, **telling.adding(ADMINISTRATORS, "addAdministrator"))
def add_administrator(request: HttpRequest, given: shapes.NewAdministrator) -> HttpResponse:
    """Add an administrator."""
    options = given.model_dump(exclude={"address", "password"})
    password = given.password.get_secret_value()
    return _ADMINISTRATOR.add(request, lambda: administrators.add(given.address, password, **options))


@router.get("/{address}", response=shapes.Administrator, **telling.reading(ADMINISTRATORS, "getAdministrator"))
def get_administrator(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Read an administrator."""
    return _ADMINISTRATOR.read(request, address)


@router.patch("/{address}", response=shapes.Administrator, **telling.changing(ADMINISTRATORS, "changeAdministrator"))
def change_administrator(
    request: HttpRequest, address: NamedByAddress, given: shapes.AdministratorChanges
) -> HttpResponse:
    """Change what is given of an administrator.

    Whoever gets another password is logged out; tokens stay.
    """
    changes = given.given()
    password = changes.pop("password", None)

    def act(found: Administrator) -> None:
        if password:
            administrators.set_password(found.address, password.get_secret_value())
        if changes:
            administrators.change(found.address, **changes)

    return _ADMINISTRATOR.change(request, address, act)


@router.delete("/{address}", response={204: None}, **telling.removing(ADMINISTRATORS, "removeAdministrator"))
def remove_administrator(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Remove an administrator, and their tokens.

    The last global one who can log in stays.
    """
    return _ADMINISTRATOR.remove(request, address, lambda found: administrators.remove(found.address))
