"""Search in lists, for web and API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower

_M = TypeVar("_M", bound=Model)
_FEW = 1000


def matching(rows: QuerySet[_M], words: str, lower: Iterable[str], texts: Iterable[str] = ()) -> QuerySet[_M]:
    """Return the rows that hold every word.

    No index finds what stands in the middle of a text: all rows are read. If few are found, they are named in what is
    returned, so that counting, sorting and showing them does not read all again.

    Args:
        rows: where to look.
        words: with spaces between them, in any case.
        lower: columns that hold lower case only, as addresses do; the database tells cases apart.
        texts: columns that hold any case.
    """
    found_in = rows
    for number, word in enumerate(words.lower().split()):
        found = Q()
        for field in lower:
            found |= Q((f"{field}__contains", word))
        for field in texts:
            found_in = found_in.alias(**{f"lower_{field}_{number}": Lower(field)})
            found |= Q((f"lower_{field}_{number}__contains", word))
        found_in = found_in.filter(found)
    if found_in is rows:
        return rows
    keys = list(found_in.order_by().values_list("pk", flat=True)[: _FEW + 1])
    return rows.filter(pk__in=keys) if len(keys) <= _FEW else found_in
