"""The OpenAPI document: what Ninja draws from the operations, with errors, headers and scopes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.utils.translation import override
from ninja import NinjaAPI

from relevo.web.api import problems
from relevo.web.api.bearer import Token

DESCRIPTION = (
    "Domains with their DKIM keys, mailboxes, shared ones too, aliases, lists, mail queues, the quarantine, allowed "
    "and blocked senders, traces, administrators, the audit log and the state of a Relevo mail platform.\n\n"
    "Send `Authorization: Bearer TOKEN`; `relevo token add` or *API tokens* on the web makes one. A token never does "
    "more than its scopes and its administrator may.\n\n"
    "A change needs `If-Match` with the ETag of what was read. A creation may have an `Idempotency-Key`. Errors are "
    "`application/problem+json` (RFC 9457), in the language of `Accept-Language` (`en`, `es`)."
)
_METHODS = ("get", "post", "patch", "delete")
_D = TypeVar("_D", bound=dict[str, Any])


@cache
def text(api: NinjaAPI) -> str:
    """Return the document, drawn once a process."""
    with override("en"):
        return json.dumps(api.get_openapi_schema(), indent=1)


def completed(drawn: _D) -> _D:
    """Add what the operations refer to, and each one's scope."""
    drawn["servers"] = [{"url": f"https://{settings.RELEVO_HOSTNAME}"}]
    drawn["info"]["license"] = {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"}
    drawn["tags"] = [{"name": name} for name in sorted({tag for found in _operations(drawn) for tag in found["tags"]})]
    drawn["components"] |= {"responses": dict(_responses()), "parameters": _PARAMETERS, "headers": _HEADERS}
    drawn["components"]["schemas"]["Problem"] = _PROBLEM
    drawn["components"]["securitySchemes"] = {Token.__name__: {"type": "http", "scheme": "bearer"}}
    for operation in _operations(drawn):
        _explain(operation)
    _drop_unused(drawn["components"]["schemas"], json.dumps(drawn))
    return drawn


def _drop_unused(schemas: dict[str, Any], everything: str) -> None:
    """Leave the shapes out that only hold parameters."""
    for name in [name for name in schemas if f'schemas/{name}"' not in everything]:
        del schemas[name]


def _operations(drawn: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in drawn["paths"].values():
        yield from (path[method] for method in _METHODS if method in path)


def _explain(operation: dict[str, Any]) -> None:
    """Have the first line of a function's docstring as the summary, the rest and the scope as the description."""
    first, _, rest = operation["description"].partition("\n")
    scope = operation.pop("x-scope")
    operation["summary"] = first.rstrip(".")
    operation["description"] = f"{rest.strip()}\n\nScope: `{scope}`.".strip()
    operation["security"] = [{Token.__name__: [scope]}]


def _responses() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return for each status what its problems are."""
    for status in sorted({kind.status for kind in problems.KINDS.values()}):
        kinds = {name: kind for name, kind in problems.KINDS.items() if kind.status == status}
        examples = {
            name: {"value": {
                "type": problems.type_of(name), "title": str(kind.title), "status": status, "detail": str(kind.advice),
            }}
            for name, kind in kinds.items()
        }
        body = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
        headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _WITH.get(status, ())}
        yield str(status), {
            "description": ". ".join(str(kind.title) for kind in kinds.values()) + ".",
            "content": {problems.CONTENT_TYPE: body}, **({"headers": headers} if headers else {}),
        }


_WITH = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object", "description": "What went wrong (RFC 9457).", "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {**_TEXT, "format": "uri", "description": "Which kind of problem; it leads to its explanation."},
        "title": {**_TEXT, "description": "The kind in words, in the reader's language."},
        "status": {"type": "integer"},
        "detail": {**_TEXT, "description": "What it was this time, in the reader's language."},
        "errors": {
            "type": "array", "description": "Of each field that is not as it must be, why.",
            "items": {
                "type": "object", "required": ["in", "field", "detail"],
                "properties": {
                    "in": {**_TEXT, "enum": ["body", "query", "path", "header"]}, "field": _TEXT, "detail": _TEXT,
                },
            },
        },
    },
}


def _header(description: str, example: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {**_TEXT, **schema}, "example": example}


_PARAMETERS = {
    "if-match": {
        "name": "If-Match", "in": "header", "required": True,
        **_header("The ETag of the entry as it was read, or `*` for however it is.", '"9f86d081884c7d65"'),
    },
    "if-none-match": {
        "name": "If-None-Match", "in": "header",
        **_header("The ETag of what the program has: 304 when it is still so.", '"9f86d081884c7d65"'),
    },
    "idempotency-key": {
        "name": "Idempotency-Key", "in": "header",
        **_header(
            "Drawn by the program for each creation. The same key and body within 24 hours get the first answer again, "
            "and nothing is made twice; with another body it is 422.",
            "8e03978e-40d5-43dd-bc93-6894a57f9324", minLength=1, maxLength=255,
        ),
    },
    "accept-language": {
        "name": "Accept-Language", "in": "header", **_header("For the texts of problems: `en` or `es`.", "es"),
    },
}
_HEADERS = {
    "ETag": _header("Of what is told: another one whenever anything of it is different.", '"9f86d081884c7d65"'),
    "Location": _header("Where the new entry is.", "/api/v1/mailboxes/ana@example.org"),
    "Link": _header("The next page, when there is one (RFC 8288).", '</api/v1/mailboxes?after=ana>; rel="next"'),
    "Idempotency-Replayed": _header("`true` when this answer was given before.", "true"),
    "Retry-After": _header("Seconds.", "5"),
    "WWW-Authenticate": _header("What is wrong with the token (RFC 6750).", 'Bearer realm="Relevo"'),
}
