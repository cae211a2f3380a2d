"""What is wrong with which field, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from relevo.web.api.problems import Problem

# What Pydantic's kinds of errors mean, with what it tells of each.
_SENTENCES = {
    "value_error": "{error}",  # the directory's own words
    "missing": _("it is missing"),
    "extra_forbidden": _("there is no such field"),
    "greater_than_equal": _("at least {ge}"),
    "less_than_equal": _("at most {le}"),
    "string_too_long": _("at most {max_length} characters"),
    "string_too_short": _("at least {min_length} characters"),
    "too_long": _("at most {max_length} of them"),
    "too_short": _("at least {min_length} of them"),
    "string_pattern_mismatch": _("it has characters that can't be there"),
    "literal_error": _("one of {expected}"),
}
_MOMENT = _("it must be a date and time with its zone, e.g. 2026-11-28T09:30:00Z")
_TYPES = {
    "string": _("it must be a text"), "int": _("it must be a whole number"), "bool": _("it must be true or false"),
    "list": _("it must be a list"), "datetime": _MOMENT, "timezone": _MOMENT,
}
_OBJECT = _("it must be an object")


def problem(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """Return the problem that tells of all errors that Pydantic has found."""
    return Problem("invalid", errors=[_error(error) for error in errors])


def unknown(names: Iterable[str]) -> Problem:
    """Return the problem of words in the query that mean nothing."""
    return Problem("invalid", errors=[
        {"in": "query", "field": name, "detail": str(_("there is no such parameter"))} for name in names
    ])


def _error(error: Mapping[str, Any]) -> dict[str, str]:
    where, *place = map(str, error["loc"])
    field = ".".join(place[1:] if where == "body" else place)  # a body's first word is what our function calls it
    return {"in": where, "field": field, "detail": _sentence(str(error["type"]), error.get("ctx", {}))}


def _sentence(kind: str, context: Mapping[str, Any]) -> str:
    if sentence := _SENTENCES.get(kind):
        return str(sentence).format(**context)
    return str(_TYPES.get(kind.partition("_")[0], _OBJECT))
