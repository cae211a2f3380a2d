"""Which way messages took, out of the journals of both mail nodes."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from relevo.directory import describe_messages
from relevo.directory.describe import Description
from relevo.directory.tokens import TRACE
from relevo.directory.trace.asking import MOST_ROWS, find, search
from relevo.directory.trace.filters import Filters as Wanted
from relevo.directory.trace.traces import Node
from relevo.trace.questions import KEY
from relevo.web.api import telling, trace_shapes
from relevo.web.api.bearer import administrator
from relevo.web.api.kind import Paging, found, next_page, read, read_page, refuse_unknown
from relevo.web.api.words import IpOrNone, Moment

router = Router(tags=[TRACE])
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_PARTY = r"^(?:|@?[^\x00-\x20\x7f@<>]+|[^\x00-\x20\x7f<>]+@[^\x00-\x20\x7f@<>]+)$"
_Id = Annotated[
    str, Field(description="Its id, or any queue id on its way.",
               json_schema_extra={"format": "trace-id", "example": "4jcKGs3y4kz2FqvN"})
]


class Filters(Paging):
    """Which messages."""

    limit: int = Field(default=50, ge=1, le=MOST_ROWS, description="Entries on a page at most.")
    after: str = Field(
        default="", pattern=r"^(?:[0-9]{1,18}\.[0-9A-Za-z_.-]{5,120})?$", description="Where the page before ended.",
    )
    address: str = Field(default="", max_length=254, pattern=_PARTY, description=(
        "Sender or recipient: an address, or a domain with or without `@`."
    ))
    sender: str = Field(default="", max_length=254, pattern=_PARTY, description="The same, as the sender.")
    recipient: str = Field(default="", max_length=254, pattern=_PARTY, description="The same, as a recipient.")
    message_id: str = Field(default="", max_length=400, pattern=_PLAIN, description="The whole Message-ID.")
    queue_id: str = Field(default="", pattern=r"^(?:[0-9A-Za-z_.-]{5,120})?$", description="Any queue id on its way.")
    client: IpOrNone = Field(default="", description="The IP address it came from.")
    subject: str = Field(default="", max_length=400, pattern=_PLAIN, description=(
        "The whole subject, as its sender wrote it; `Re:`, the case of letters and the number of blanks do not matter. "
        "No journal has subjects, only a keyed digest, so parts of one can't be looked for."
    ))
    result: trace_shapes.Result | None = Field(default=None, description="Only what this became of, for anybody.")
    since: Moment | None = Field(default=None, description="Only what began then or later.")
    until: Moment | None = Field(default=None, description="Only what began before.")


@router.get("", response=trace_shapes.Traces, **telling.listing(TRACE, "listTraces"))
def list_traces(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List which way messages took, the newest first.

    A node that does not answer is one of `nodes` with `trouble`: what it alone has seen is not told. Administrators of
    some domains see messages whose sender or recipient is in these, and of strangers' messages only their own
    recipients. Each search leaves an entry in the audit log.
    """
    refuse_unknown(request, filters)
    seen = search(administrator(request), Wanted(
        text=_party(filters.address), sender=filters.sender, recipient=filters.recipient, message_id=filters.message_id,
        queue_id=filters.queue_id, client=filters.client, subject=filters.subject, result=filters.result or "",
        since=filters.since, until=filters.until, after=filters.after, limit=filters.limit,
    ))
    following = next_page(request, seen.next) if seen.next else None
    nodes = [_node(one) for one in seen.nodes]
    return read_page(request, [describe_messages.trace(one) for one in seen.traces], following, nodes=nodes)


@router.get("/{number}", response=trace_shapes.WholeTrace, **telling.reading(TRACE, "getTrace"))
def get_trace(request: HttpRequest, number: _Id) -> HttpResponse:
    """Read which way a message took: each step in plain words, with the server's own lines.

    What is in a message is never told.
    """
    trace, seen = found(KEY, number, lambda: find(administrator(request), number))
    return read(request, {**describe_messages.whole_trace(trace), "troubles": seen.troubles})


def _party(text: str) -> str:
    """Return an address, or a domain with its @: nothing else is looked for by this name."""
    return text if not text or "@" in text else f"@{text}"


def _node(one: Node) -> Description:
    return {
        "node": one.name, "since": one.since.isoformat(timespec="seconds") if one.since else None,
        "trouble": one.trouble,
    }
