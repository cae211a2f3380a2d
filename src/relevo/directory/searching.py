"""Search in lists, for web and API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower

_M = TypeVar("_M", bound=Model)


def matching(rows: QuerySet[_M], words: str, lower: Iterable[str], texts: Iterable[str] = ()) -> QuerySet[_M]:
    """Return the rows that hold every word.

    Args:
        rows: where to look.
        words: with spaces between them, in any case.
        lower: columns that hold lower case only, as addresses do; the database tells cases apart.
        texts: columns that hold any case.
    """
    for number, word in enumerate(words.lower().split()):
        found = Q()
        for field in lower:
            found |= Q((f"{field}__contains", word))
        for field in texts:
            rows = rows.alias(**{f"lower_{field}_{number}": Lower(field)})
            found |= Q((f"lower_{field}_{number}__contains", word))
        rows = rows.filter(found)
    return rows
