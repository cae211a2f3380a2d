"""What the operations of all kinds of entries share: pages, one entry, and the ways to add, change and remove."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from re import Pattern
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from relevo.directory.addresses import any_address
from relevo.directory.database import changing
from relevo.directory.describe import Description
from relevo.directory.kept_answers import Answer, once
from relevo.directory.models import Administrator
from relevo.errors import DirectoryError, QuarantineError, QueueError, UnavailableError
from relevo.web.api import invalid
from relevo.web.api.bearer import administrator, asking
from relevo.web.api.conditions import is_known, require_match, tag
from relevo.web.api.problems import Problem

_M = TypeVar("_M", bound=Model)
_F = TypeVar("_F")
_JSON = "application/json"
_ROWS, _MOST_ROWS = 50, 200
_LONGEST_KEY = 255


class Paging(BaseModel):
    """Which page; each kind adds its filters."""

    limit: int = Field(default=_ROWS, ge=1, le=_MOST_ROWS, description="Entries on a page at most.")
    after: str = Field(default="", max_length=254, description="The last entry of the page before.")


class Kind(Generic[_M]):
    """One kind of entry.

    `rows` says which ones an administrator sees, `describe` what is told of one, `column` what it is called by (as
    `canonical` writes it); with `newest_first` a page goes from high to low.
    """

    def __init__(
        self, rows: Callable[[Administrator], QuerySet[_M]], describe: Callable[[_M], Description], *,
        column: str = "address", canonical: Callable[[str], object] = any_address, newest_first: bool = False,
    ) -> None:
        self._rows, self._describe, self._column, self._canonical = rows, describe, column, canonical
        self._newest_first = newest_first

    def rows(self, request: HttpRequest) -> QuerySet[_M]:
        """Return those that the administrator sees in whose name it is asked."""
        return self._rows(administrator(request))

    def page(self, request: HttpRequest, rows: QuerySet[_M], paging: Paging) -> HttpResponse:
        """Answer with some of the rows: those behind the last entry of the page before, whatever has come since."""
        refuse_unknown(request, paging)
        if paging.after:
            rows = rows.filter(**{f"{self._column}__{'lt' if self._newest_first else 'gt'}": paging.after})
        ordered = rows.order_by(f"-{self._column}" if self._newest_first else self._column)
        found = list(ordered[: paging.limit + 1])
        shown = found[: paging.limit]
        following = next_page(request, str(getattr(shown[-1], self._column))) if len(found) > len(shown) else None
        return read_page(request, [self._describe(entry) for entry in shown], following)

    def read(self, request: HttpRequest, key: str, rows: QuerySet[_M] | None = None) -> HttpResponse:
        """Answer with one entry, of all of the administrator's or of `rows`."""
        return read(request, self._describe(self._find(self.rows(request) if rows is None else rows, key)))

    def add(self, request: HttpRequest, make: Callable[[], Any]) -> HttpResponse:
        """Have an entry made, once for each Idempotency-Key, and answer with it."""

        def work() -> Answer:
            made = self._find(self.rows(request), str(make()))
            told, place = self._describe(made), f"{request.path}/{quote(str(getattr(made, self._column)), safe='@')}"
            return Answer(201, {"ETag": tag(told), "Location": place}, _text(told))

        answer = _once(request, work) if "Idempotency-Key" in request.headers else changing(work)()
        again = {"Idempotency-Replayed": "true"} if answer.is_again else {}
        return HttpResponse(answer.body, status=answer.status, content_type=_JSON, headers={**answer.headers, **again})

    def change(self, request: HttpRequest, key: str, act: Callable[[_M], object]) -> HttpResponse:
        """Change an entry that is as If-Match says, and answer with it."""
        return _written(self._changed(request, key, act))

    def bring_back(
        self, request: HttpRequest, key: str, gone: QuerySet[Any], act: Callable[[str], object]
    ) -> HttpResponse:
        """Bring one of those that are gone, or of another kind, among these, and answer with it."""
        act(str(self._find(gone, key)))
        return _written(self._describe(self._find(self.rows(request), key)))

    @changing
    def remove(self, request: HttpRequest, key: str, act: Callable[[_M], object]) -> HttpResponse:
        """Remove an entry that is as If-Match says."""
        act(self._held(request, key))
        return empty(204)

    @changing
    def _changed(self, request: HttpRequest, key: str, act: Callable[[_M], object]) -> Description:
        act(self._held(request, key))
        return self._describe(self._find(self.rows(request), key))

    def _held(self, request: HttpRequest, key: str) -> _M:
        """Return an entry that If-Match names, locked: whoever changes it at the same time waits, or runs again."""
        rows = self.rows(request)
        bare = rows.select_related(None).prefetch_related(None).select_for_update()
        self._find(bare, key)  # before anything is read: what is read then is what was committed last
        entry = self._find(rows, key)
        require_match(request, self._describe(entry))
        return entry

    def _find(self, rows: QuerySet[_M], key: str) -> _M:
        try:
            found = rows.filter(**{self._column: str(self._canonical(key))}).first()
        except DirectoryError:
            found = None
        if not found:
            raise Problem("not-found")
        return found


def _once(request: HttpRequest, work: Callable[[], Answer]) -> Answer:
    key = request.headers["Idempotency-Key"]
    if not 1 <= len(key) <= _LONGEST_KEY:
        detail = _("1 to {most} characters").format(most=_LONGEST_KEY)
        raise Problem("invalid", errors=[{"in": "header", "field": "Idempotency-Key", "detail": detail}])
    body = f"{request.method} {request.path}\n".encode() + request.body
    if answer := once(asking(request), key, body, work):
        return answer
    raise Problem("key-used")


def refuse_unknown(request: HttpRequest, paging: BaseModel) -> None:
    """Raise a problem for words in the query that mean nothing."""
    if strange := sorted(set(request.GET) - set(type(paging).model_fields)):
        raise invalid.unknown(strange)


def read(request: HttpRequest, told: object, headers: dict[str, str] | None = None) -> HttpResponse:
    """Answer with what is told, or that the program has it already."""
    current = tag(told)
    known = {"ETag": current, "Cache-Control": "private, no-cache", **(headers or {})}
    if is_known(request, current):
        return empty(304, known)
    return HttpResponse(_text(told), content_type=_JSON, headers=known)


def read_page(
    request: HttpRequest, items: Sequence[Description], following: str | None, **more: object
) -> HttpResponse:
    """Answer with a page of a list, what else is told of it, and where the next one is."""
    told = {"items": list(items), "next": following, **more}
    return read(request, told, {"Link": f'<{following}>; rel="next"'} if following else {})


def found(shape: Pattern[str], number: str, find: Callable[[], _F]) -> _F:
    """Return what is found of messages; raise a problem when there is none, or `number` has not the shape of an id.

    That a queue, the quarantine or the database can't be asked is another matter: nobody knows whether there is one.
    """
    if not shape.fullmatch(number):
        raise Problem("not-found")
    try:
        return find()
    except (QueueError, QuarantineError, UnavailableError):
        raise
    except DirectoryError:
        raise Problem("not-found") from None


def empty(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """Answer with a status alone."""
    response = HttpResponse(status=status, headers=headers)
    del response["Content-Type"]  # of nothing
    return response


def _written(told: Description) -> HttpResponse:
    return HttpResponse(_text(told), content_type=_JSON, headers={"ETag": tag(told)})


def next_page(request: HttpRequest, last: str) -> str:
    """Return where the page behind an entry is, with the same filters."""
    query = request.GET.copy()
    query["after"] = last
    return f"{request.path}?{query.urlencode()}"


def _text(told: object) -> str:
    return json.dumps(told, ensure_ascii=False)
