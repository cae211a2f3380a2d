"""What the OpenAPI document says of an operation beside its shapes: scope, errors, headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relevo.directory.tokens import READ, WRITE
from relevo.web.api.bearer import Token

_ALWAYS = (401, 403, 422, 429, 500, 503)
_OF_ONE = (404,)
_WITH_A_BODY = (400, 413, 415)
_OF_A_CHANGE = (409,)
_UNDER_A_CONDITION = (412, 428)


def listing(kind: str, operation_id: str) -> dict[str, Any]:
    """Return the arguments of a decorator of Ninja's, for the pages of a kind."""
    well = {200: _headers("ETag", "Link"), 304: _UNCHANGED}
    return _operation(f"{kind}:{READ}", operation_id, _ALWAYS, ("if-none-match",), well)


def reading(kind: str, operation_id: str) -> dict[str, Any]:
    """Return them for one entry."""
    well = {200: _headers("ETag"), 304: _UNCHANGED}
    return _operation(f"{kind}:{READ}", operation_id, (*_ALWAYS, *_OF_ONE), ("if-none-match",), well)


def telling(kind: str, operation_id: str) -> dict[str, Any]:
    """Return them for what is neither an entry nor a list of them."""
    well = {200: _headers("ETag"), 304: _UNCHANGED}
    return _operation(f"{kind}:{READ}", operation_id, _ALWAYS, ("if-none-match",), well)


def adding(kind: str, operation_id: str) -> dict[str, Any]:
    """Return them for a new entry."""
    return _operation(
        f"{kind}:{WRITE}", operation_id, (*_ALWAYS, *_WITH_A_BODY, *_OF_A_CHANGE), ("idempotency-key",),
        {201: _headers("ETag", "Location", "Idempotency-Replayed")},
    )


def adding_to(kind: str, operation_id: str) -> dict[str, Any]:
    """Return them for a new entry of one that is there, made without a body."""
    return _operation(
        f"{kind}:{WRITE}", operation_id, (*_ALWAYS, *_OF_ONE, *_OF_A_CHANGE), ("idempotency-key",),
        {201: _headers("ETag", "Location", "Idempotency-Replayed")},
    )


def changing(kind: str, operation_id: str) -> dict[str, Any]:
    """Return them for a change of an entry."""
    errors = (*_ALWAYS, *_OF_ONE, *_WITH_A_BODY, *_OF_A_CHANGE, *_UNDER_A_CONDITION)
    return _operation(f"{kind}:{WRITE}", operation_id, errors, ("if-match",), {200: _headers("ETag")})


def removing(kind: str, operation_id: str) -> dict[str, Any]:
    """Return them for the end of an entry."""
    errors = (*_ALWAYS, *_OF_ONE, *_OF_A_CHANGE, *_UNDER_A_CONDITION)
    return _operation(f"{kind}:{WRITE}", operation_id, errors, ("if-match",), {})


def acting(kind: str, operation_id: str) -> dict[str, Any]:
    """Return them for what is done to an entry without a body or a condition."""
    return _operation(
        f"{kind}:{WRITE}", operation_id, (*_ALWAYS, *_OF_ONE, *_OF_A_CHANGE), (), {200: _headers("ETag")}
    )


def ordering(kind: str, operation_id: str, *, of_one: bool = True, with_body: bool = False) -> dict[str, Any]:
    """Return them for an order that is given, and answered with nothing."""
    errors = (*_ALWAYS, *(_OF_ONE if of_one else ()), *_OF_A_CHANGE, *(_WITH_A_BODY if with_body else ()))
    return _operation(f"{kind}:{WRITE}", operation_id, errors, (), {})


def _operation(
    scope: str, operation_id: str, errors: Sequence[int], parameters: Sequence[str], well: dict[int, Any]
) -> dict[str, Any]:
    problems = {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(errors)}
    extra = {
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in (*parameters, "accept-language")],
        "responses": {**well, **problems},
        "x-scope": scope,
    }
    return {"auth": Token(scope), "operation_id": operation_id, "openapi_extra": extra}


def _headers(*names: str) -> dict[str, Any]:
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}


_UNCHANGED = {"description": "The program has it already.", **_headers("ETag")}
