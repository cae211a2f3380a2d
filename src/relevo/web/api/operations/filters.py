"""What narrows a list, and what an administrator of some domains may not name."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import Field

from relevo.directory import scope
from relevo.web.api.bearer import administrator
from relevo.web.api.kind import Paging
from relevo.web.api.problems import Problem

_M = TypeVar("_M", bound=Model)


class Filters(Paging):
    """What most kinds have."""

    search: str = Field(default="", max_length=200, description="Words that all occur in it, in any case.")
    enabled: bool | None = Field(default=None, description="Only what is switched on, or off.")


class InDomain(Filters):
    """What can be asked of the addresses of domains."""

    domain: str = Field(default="", max_length=253, description="Only what is in this domain.")


def narrowed(rows: QuerySet[_M], filters: Filters) -> QuerySet[_M]:
    """Return those rows that the filters leave; the search is the kind's own matter."""
    if filters.enabled is not None:
        rows = rows.filter(enabled=filters.enabled)
    if isinstance(filters, InDomain) and filters.domain:
        rows = rows.filter(domain__name=filters.domain)
    return rows


def require_own_domain(request: HttpRequest, address: str) -> None:
    """Raise a problem for an address in a domain that the administrator does not look after, be it there or not."""
    who, name = administrator(request), address.rpartition("@")[2]
    if not who.is_global and not scope.domains(who).filter(name=name).exists():
        raise Problem("forbidden", _("{domain} is not among the domains of this administrator.").format(domain=name))
