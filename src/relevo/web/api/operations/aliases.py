"""Aliases."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from relevo.directory import aliases, describe, scope
from relevo.directory.models import Administrator, Alias
from relevo.directory.searching import matching
from relevo.directory.tokens import ALIASES
from relevo.web.api import shapes, telling
from relevo.web.api.kind import Kind
from relevo.web.api.operations.filters import InDomain, narrowed, require_own_domain
from relevo.web.api.words import NamedByAddress

router = Router(tags=[ALIASES])


def _rows(administrator: Administrator) -> QuerySet[Alias]:
    return scope.within(administrator, aliases.listing())


_ALIAS = Kind(_rows, describe.alias)


@router.get("", response=shapes.Aliases, **telling.listing(ALIASES, "listAliases"))
def list_aliases(request: HttpRequest, filters: Query[InDomain]) -> HttpResponse:
    """List aliases, by address.

    `search` looks in the address.
    """
    rows = matching(narrowed(_ALIAS.rows(request), filters), filters.search, ("address",))
    return _ALIAS.page(request, rows, filters)


@router.post("", response={201: shapes.Alias}, **telling.adding(ALIASES, "addAlias"))
def add_alias(request: HttpRequest, given: shapes.NewAlias) -> HttpResponse:
    """Add an alias."""
    require_own_domain(request, given.address)
    return _ALIAS.add(request, lambda: aliases.add(**given.model_dump()))


@router.get("/{address}", response=shapes.Alias, **telling.reading(ALIASES, "getAlias"))
def get_alias(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Read an alias."""
    return _ALIAS.read(request, address)


@router.patch("/{address}", response=shapes.Alias, **telling.changing(ALIASES, "changeAlias"))
def change_alias(request: HttpRequest, address: NamedByAddress, given: shapes.AliasChanges) -> HttpResponse:
    """Change what is given of an alias."""
    changes = given.given()
    return _ALIAS.change(request, address, lambda alias: changes and aliases.change(alias.address, **changes))


@router.delete("/{address}", response={204: None}, **telling.removing(ALIASES, "removeAlias"))
def remove_alias(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Remove an alias.

    Postmaster and abuse get their automatic ones back.
    """
    return _ALIAS.remove(request, address, lambda alias: aliases.remove(alias.address))
