"""Posts to lists that wait for an owner."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from relevo.directory import describe_messages, scope
from relevo.directory.describe import Description
from relevo.directory.held.asking import find, listing, whole
from relevo.directory.held.deciding import act
from relevo.directory.held.posts import APPROVED, DELETED, ID, REFUSED, Post
from relevo.directory.held.sight import Sight
from relevo.directory.held.words import sentences
from relevo.directory.quarantine.asking import MOST_ROWS
from relevo.directory.tokens import LISTS
from relevo.web.api import held_shapes, telling
from relevo.web.api.bearer import administrator
from relevo.web.api.conditions import require_match
from relevo.web.api.kind import Paging, empty, found, next_page, read, read_page, refuse_unknown
from relevo.web.api.problems import Problem

PATH = "held-posts"
router = Router(tags=[PATH])
_Id = Annotated[
    str, Field(description="Its id.", json_schema_extra={"format": "post-id", "example": "4jcbNS0xsfz2GD3S-12"})
]


class Filters(Paging):
    """Which posts."""

    limit: int = Field(default=50, ge=1, le=MOST_ROWS, description="Entries on a page at most.")
    after: str = Field(default="", pattern=r"^[0-9]{0,10}$", description="As the page before says it in `next`.")
    search: str = Field(
        default="", max_length=200, description="Words that all occur in list, sender, author or subject."
    )


@router.get("", response=held_shapes.HeldPosts, **telling.listing(LISTS, "listHeldPosts"))
def list_held_posts(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List posts that wait for an owner of their list, the latest first."""
    refuse_unknown(request, filters)
    seen = listing(_sight(request), text=filters.search, after=int(filters.after or 0), limit=filters.limit)
    following = next_page(request, str(seen.after)) if seen.after else None
    return read_page(request, [describe_messages.held_post(one) for one in seen.posts], following)


@router.get("/{number}", response=held_shapes.WholeHeldPost, **telling.reading(LISTS, "getHeldPost"))
def get_held_post(request: HttpRequest, number: _Id) -> HttpResponse:
    """Read a post that waits, as text.

    Of attachments name, type and size are told, never the content.
    """
    return read(request, _whole(request, number))


@router.post("/{number}/approve", response={204: None}, **telling.ordering(LISTS, "approveHeldPost"))
def approve_held_post(request: HttpRequest, number: _Id) -> HttpResponse:
    """Let a post through to the members of its list, once."""
    _found(request, number)
    return _acted(request, APPROVED, number)


@router.post("/{number}/refuse", response={204: None}, **telling.ordering(LISTS, "refuseHeldPost", with_body=True))
def refuse_held_post(request: HttpRequest, number: _Id, given: held_shapes.Refusal) -> HttpResponse:
    """Refuse a post; its sender is told when SPF or DKIM vouch for the sender's domain, or one of ours has sent it."""
    _found(request, number)
    return _acted(request, REFUSED, number, given.reason)


@router.delete("/{number}", response={204: None}, **telling.removing(LISTS, "deleteHeldPost"))
def delete_held_post(request: HttpRequest, number: _Id) -> HttpResponse:
    """Delete a post; nobody is told."""
    require_match(request, _whole(request, number))
    return _acted(request, DELETED, number)


def _acted(request: HttpRequest, do: str, number: str, reason: str = "") -> HttpResponse:
    outcome = act(_sight(request), do, [number], reason)
    if outcome.gone:
        raise Problem("not-found")
    if not outcome.done:
        raise Problem("refused", " ".join(sentences(outcome)))
    return empty(204)


def _whole(request: HttpRequest, number: str) -> Description:
    return describe_messages.whole_post(*whole(_sight(request), _found(request, number).id))


def _found(request: HttpRequest, number: str) -> Post:
    return found(ID, number, lambda: find(_sight(request), number))


def _sight(request: HttpRequest) -> Sight:
    return scope.held(administrator(request))
