"""Pages of long lists: how many rows there are, and those of a page far down.

The count of a long list is some seconds old, since counting reads all of it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MANY = 10_000  # up to here a count takes a few milliseconds, and is exact
SECONDS = 20
FAR = 1000  # rows before a page; from here on it is worth a question of its own which rows they are


class Counting(Paginator):  # type: ignore[type-arg] # generic in the stubs alone
    """Pages of rows; what is remembered of a count is of the same question, so of the same rows in whoever's sight."""

    object_list: QuerySet[Any]

    def page(self, number: int | str) -> Page[Any]:
        """Return a page. The rows before it are passed by their keys alone, without what is joined to each."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        if first < FAR:
            return super().page(number)
        keys = self.object_list.values_list("pk", flat=True)[first : first + self.per_page]
        return Page(self.object_list.filter(pk__in=list(keys)), number, self)

    @cached_property
    def count(self) -> int:
        """Return how many rows there are."""
        try:
            question = repr(self.object_list.query.sql_with_params())
        except EmptyResultSet:  # Django knows without asking: a search that found nothing
            return 0
        key = sha256(question.encode()).hexdigest()
        known = cache.get(key)
        if known is None and (known := self.object_list.count()) > MANY:
            cache.set(key, known, SECONDS)
        return int(known)
