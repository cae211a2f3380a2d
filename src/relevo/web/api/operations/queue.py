"""Waiting mail, of both mail nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from relevo.directory import describe_messages
from relevo.directory.describe import Description
from relevo.directory.queue import changing
from relevo.directory.queue.asking import MOST_ROWS, find, headers_of, listing
from relevo.directory.queue.asking import Filters as Wanted
from relevo.directory.queue.messages import Message, Queue
from relevo.directory.queue.words import sentences
from relevo.directory.tokens import QUEUE
from relevo.errors import QueueError
from relevo.queue.questions import ID
from relevo.web.api import queue_shapes, telling
from relevo.web.api.bearer import administrator, require_global
from relevo.web.api.conditions import require_match
from relevo.web.api.kind import Paging, empty, found, next_page, read, read_page, refuse_unknown
from relevo.web.api.problems import Problem

router = Router(tags=[QUEUE])
_Id = Annotated[
    str, Field(description="Its id.", json_schema_extra={"format": "queue-id", "example": "4jcKGs3y4kz2FqvN"})
]


class Filters(Paging):
    """Which messages."""

    limit: int = Field(default=50, ge=1, le=MOST_ROWS, description="Entries on a page at most.")
    after: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,32}$", description="The last message of the page before.")
    search: str = Field(default="", max_length=200, description="Words that all occur in id, addresses or reasons.")
    sender: str = Field(default="", max_length=200, description="Part of the sender; `<>` for bounces.")
    recipient: str = Field(default="", max_length=200, description="Part of a recipient.")
    node: str = Field(default="", pattern=r"^[a-z0-9-]{0,63}$", description="Whose queue, or who works on it.")
    state: queue_shapes.State | None = Field(default=None, description="Only this one.")


@router.get("", response=queue_shapes.QueuedMessages, **telling.listing(QUEUE, "listQueue"))
def list_queue(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List what waits on both mail nodes, the oldest first.

    A node that does not answer is one of `queues` with `trouble`: its messages are not told, which does not mean that
    there are none. Administrators of some domains see messages whose sender or recipient is in these.
    """
    refuse_unknown(request, filters)
    seen = listing(administrator(request), Wanted(
        filters.search, filters.sender, filters.recipient, filters.node, filters.state or "", after=filters.after,
        limit=filters.limit,
    ))
    following = next_page(request, seen.messages[-1].id) if seen.more else None
    queues = [_queue(one, seen.queues) for one in seen.queues]
    return read_page(request, [describe_messages.queued(one) for one in seen.messages], following, queues=queues)


@router.post("/retry", response={204: None}, **telling.ordering(QUEUE, "retryQueue", of_one=False))
def retry_queue(request: HttpRequest) -> HttpResponse:
    """Try everything again now, on both mail nodes.

    For global administrators.
    """
    require_global(request, _("Only global administrators have everything tried again."))
    if troubles := changing.retry_all(administrator(request)):
        raise QueueError(" ".join(troubles))
    return empty(204)


@router.get("/{number}", response=queue_shapes.WholeMessage, **telling.reading(QUEUE, "getQueuedMessage"))
def get_queued_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Read a message: whom it is for, why it waits, its headers.

    What is in it is never told.
    """
    return read(request, _whole(_found(request, number)))


@router.delete("/{number}", response={204: None}, **telling.removing(QUEUE, "deleteQueuedMessage"))
def delete_queued_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Delete a message for good.

    Nobody gets it any more, and its sender is told nothing.
    """
    require_match(request, _whole(_found(request, number)))
    return _acted(request, changing.DELETE, number)


@router.post("/{number}/retry", response={204: None}, **telling.ordering(QUEUE, "retryQueuedMessage"))
def retry_queued_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Try a message again now; refused for one on hold."""
    return _acted(request, changing.RETRY, number)


@router.post("/{number}/hold", response={204: None}, **telling.ordering(QUEUE, "holdQueuedMessage"))
def hold_queued_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Keep a message until it is released or deleted."""
    return _acted(request, changing.HOLD, number)


@router.post("/{number}/release", response={204: None}, **telling.ordering(QUEUE, "releaseQueuedMessage"))
def release_queued_message(request: HttpRequest, number: _Id) -> HttpResponse:
    """Let a message go on that is on hold, now."""
    return _acted(request, changing.RELEASE, number)


def _acted(request: HttpRequest, do: str, number: str) -> HttpResponse:
    outcome = changing.act(administrator(request), do, [_found(request, number).id])
    if outcome.gone:
        raise Problem("not-found")
    if outcome.left:
        raise Problem("refused", " ".join(sentences(outcome)))
    return empty(204)


def _found(request: HttpRequest, number: str) -> Message:
    return found(ID, number, lambda: find(administrator(request), number))


def _whole(one: Message) -> Description:
    headers = [{"name": name, "value": value} for name, value in headers_of(one)]
    return {**describe_messages.queued(one), "headers": headers}


def _queue(one: Queue, others: Sequence[Queue]) -> Description:
    return {
        "node": one.node, "adopted_by": one.at if one.at != one.node else "", "counts": one.counts,
        "matching": one.matching, "trouble": one.trouble(others),
    }
