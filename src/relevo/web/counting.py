"""How many rows a list has: of a long one the count is some seconds old, since counting reads all of it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MANY = 10_000  # up to here a count takes a few milliseconds, and is exact
SECONDS = 20


class Counting(Paginator):  # type: ignore[type-arg] # generic in the stubs alone
    """Pages of rows; what is remembered of a count is of the same question, so of the same rows in whoever's sight."""

    object_list: QuerySet[Any]

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
