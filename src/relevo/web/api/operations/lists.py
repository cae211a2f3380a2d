"""Distribution lists."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from relevo.directory import describe, lists, scope
from relevo.directory.models import Administrator, DistributionList
from relevo.directory.searching import matching
from relevo.directory.tokens import LISTS
from relevo.web.api import shapes, telling
from relevo.web.api.kind import Kind
from relevo.web.api.operations.filters import InDomain, narrowed, require_own_domain
from relevo.web.api.words import NamedByAddress

router = Router(tags=[LISTS])


def _rows(administrator: Administrator) -> QuerySet[DistributionList]:
    return scope.within(administrator, lists.listing())


_LIST = Kind(_rows, describe.distribution_list)


@router.get("", response=shapes.Lists, **telling.listing(LISTS, "listLists"))
def list_lists(request: HttpRequest, filters: Query[InDomain]) -> HttpResponse:
    """List distribution lists, by address.

    `search` looks in address and name.
    """
    rows = matching(narrowed(_LIST.rows(request), filters), filters.search, ("address",), ("name",))
    return _LIST.page(request, rows, filters)


@router.post("", response={201: shapes.List}, **telling.adding(LISTS, "addList"))
def add_list(request: HttpRequest, given: shapes.NewList) -> HttpResponse:
    """Add a distribution list."""
    require_own_domain(request, given.address)
    return _LIST.add(request, lambda: lists.add(**given.model_dump()))


@router.get("/{address}", response=shapes.List, **telling.reading(LISTS, "getList"))
def get_list(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Read a distribution list."""
    return _LIST.read(request, address)


@router.patch("/{address}", response=shapes.List, **telling.changing(LISTS, "changeList"))
def change_list(request: HttpRequest, address: NamedByAddress, given: shapes.ListChanges) -> HttpResponse:
    """Change what is given of a distribution list."""
    changes = given.given()
    return _LIST.change(request, address, lambda entry: changes and lists.change(entry.address, **changes))


@router.delete("/{address}", response={204: None}, **telling.removing(LISTS, "removeList"))
def remove_list(request: HttpRequest, address: NamedByAddress) -> HttpResponse:
    """Remove a distribution list.

    No mail is deleted: members keep what they have received.
    """
    return _LIST.remove(request, address, lambda entry: lists.remove(entry.address))
