"""The audit log: to be read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from relevo.directory import describe, scope
from relevo.directory.searching import matching
from relevo.directory.tokens import AUDIT
from relevo.web.api import audit_shapes, telling
from relevo.web.api.kind import Kind, Paging
from relevo.web.api.words import Moment

router = Router(tags=[AUDIT])
_ENTRY = Kind(scope.audit_entries, describe.audit_entry, column="pk", canonical=int, newest_first=True)
_COLUMNS = {"domain": "domain", "action": "action", "actor": "actor", "since": "at__gte", "until": "at__lt"}
_DIGITS = 18  # of a number that the database can have


class Filters(Paging):
    """Which entries."""

    after: str = Field(
        default="", pattern=rf"^[0-9]{{0,{_DIGITS}}}$", description="The number of the last entry of the page before."
    )
    search: str = Field(default="", max_length=200, description="Words that all occur in subject or actor.")
    domain: str = Field(default="", max_length=253, description="Only what was done in this domain.")
    action: str = Field(default="", max_length=50, description="Only this, e.g. `mailbox.add`.")
    actor: str = Field(default="", max_length=200, description="Only what this one did.")
    since: Moment | None = Field(default=None, description="Only what was done then or later.")
    until: Moment | None = Field(default=None, description="Only what was done before.")


@router.get("", response=audit_shapes.AuditEntries, **telling.listing(AUDIT, "listAuditEntries"))
def list_audit_entries(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List what was done, the newest first."""
    wanted: dict[str, Any] = {
        column: value for name, column in _COLUMNS.items() if (value := getattr(filters, name))
    }
    rows = matching(_ENTRY.rows(request).filter(**wanted), filters.search, ("subject", "actor"))
    return _ENTRY.page(request, rows, filters)


@router.get("/{int:number}", response=audit_shapes.AuditEntry, **telling.reading(AUDIT, "getAuditEntry"))
def get_audit_entry(request: HttpRequest, number: int) -> HttpResponse:
    """Read one entry."""
    return _ENTRY.read(request, str(number))
