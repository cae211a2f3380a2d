"""Copies of what the filter refused."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from relevo.directory import describe_messages, scope
from relevo.directory.describe import Description
from relevo.directory.quarantine.asking import MOST_ROWS, find, listing, whole
from relevo.directory.quarantine.changing import act
from relevo.directory.quarantine.copies import DELETED, ID, RELEASED, Copy
from relevo.directory.quarantine.sight import Sight
from relevo.directory.quarantine.words import sentences
from relevo.directory.tokens import QUARANTINE
from relevo.web.api import quarantine_shapes, telling
from relevo.web.api.bearer import administrator
from relevo.web.api.conditions import require_match
from relevo.web.api.kind import Paging, empty, found, next_page, read, read_page, refuse_unknown
from relevo.web.api.problems import Problem

router = Router(tags=[QUARANTINE])
_Id = Annotated[
    str, Field(description="Its id.", json_schema_extra={"format": "quarantine-id", "example": "QrtSkcvEyCbE"})
]


class Filters(Paging):
    """Which messages."""

    limit: int = Field(default=50, ge=1, le=MOST_ROWS, description="Entries on a page at most.")
    after: str = Field(default="", pattern=r"^[0-9]{0,10}$", description="As the page before says it in `next`.")
    search: str = Field(default="", max_length=200, description="Words that all occur in addresses or subject.")


@router.get("", response=quarantine_shapes.QuarantinedMessages, **telling.listing(QUARANTINE, "listQuarantine"))
def list_quarantine(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List what was refused, the latest first.

    Administrators of some domains see messages for a recipient in these, and only those recipients.
    """
    refuse_unknown(request, filters)
    seen = listing(_sight(request), text=filters.search, after=int(filters.after or 0), limit=filters.limit)
    following = next_page(request, str(seen.after)) if seen.after else None
    return read_page(request, [describe_messages.quarantined(one) for one in seen.copies], following)


@router.get(
    "/{number}", response=quarantine_shapes.WholeQuarantinedMessage,
    **telling.reading(QUARANTINE, "getQuarantinedMessage"),
)
def get_quarantined_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Read a message: whom it was for, why it was refused, and its text.

    Of attachments name, type and size are told, never the content.
    """
    return read(request, _whole(request, number))


@router.delete("/{number}", response={204: None}, **telling.removing(QUARANTINE, "deleteQuarantinedMessage"))
def delete_quarantined_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Delete a message for good, for those recipients whom the administrator looks after."""
    require_match(request, _whole(request, number))
    return _acted(request, DELETED, number)


@router.post(
    "/{number}/release", response={204: None}, **telling.ordering(QUARANTINE, "releaseQuarantinedMessage")
)
def release_quarantined_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Deliver a message after all, to those recipients whom the administrator looks after; once."""
    _found(request, number)
    return _acted(request, RELEASED, number)


def _acted(request: HttpRequest, do: str, number: str) -> HttpResponse:
    outcome = act(_sight(request), do, [number])
    if outcome.gone:
        raise Problem("not-found")
    if not outcome.done:
        raise Problem("refused", " ".join(sentences(outcome)))
    return empty(204)


def _whole(request: HttpRequest, number: str) -> Description:
    return describe_messages.reading(*whole(_sight(request), _found(request, number).id))


def _found(request: HttpRequest, number: str) -> Copy:
    return found(ID, number, lambda: find(_sight(request), number))


def _sight(request: HttpRequest) -> Sight:
    return scope.quarantine(administrator(request))
