"""What a list is filtered by, in its address: pages of waiting, refused and traced mail share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import QueryDict
from django.urls import reverse

LONGEST = 200  # characters of a filter
_LONGEST_QUERY = 2000


def as_query(given: Mapping[str, str]) -> str:
    """Return filters as a query; what is empty is left out."""
    made = QueryDict(mutable=True)
    made.update({name: value for name, value in given.items() if value})
    return made.urlencode()


def way_back(page: str, text: str, filters: Iterable[str]) -> str:
    """Return the way back to a list as it was filtered; never to another place."""
    given = QueryDict(text[:_LONGEST_QUERY])
    kept = as_query({name: given.get(name, "")[:LONGEST] for name in filters})
    return reverse(page) + (f"?{kept}" if kept else "")
