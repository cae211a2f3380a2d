"""Errors as programs read them: problem details after RFC 9457, each kind with its own `type`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

CONTENT_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """What went wrong, and what to do; both are translated when they are shown."""

    status: int
    title: Any
    advice: Any


KINDS = {
    "malformed": Kind(400, _("The body is no JSON"), _("Send one JSON object, in UTF-8.")),
    "token-wrong": Kind(
        401, _("No token, or none that is good"),
        _("Send the header Authorization: Bearer TOKEN. A token ends with its time, and with its administrator."),
    ),
    "scope-too-small": Kind(403, _("The token may not do that"), _("Make one that has the scope which is named.")),
    "forbidden": Kind(
        403, _("The administrator may not do that"), _("A token does no more than its administrator may on the web."),
    ),
    "not-found": Kind(
        404, _("There is no such thing"),
        _("It has been removed, is mistyped, or is not among what the administrator looks after."),
    ),
    "method-wrong": Kind(405, _("That can't be done with it"), _("The header Allow says what can.")),
    "refused": Kind(
        409, _("That can't be as things are"), _("The field detail says what is in the way. Nothing has been changed."),
    ),
    "stale": Kind(
        412, _("It has changed since it was read"), _("Read it again, and send the change with its new ETag."),
    ),
    "too-large": Kind(413, _("The body is too large"), _("At most 1 MiB.")),
    "media-type": Kind(
        415, _("The body is of another kind than JSON"), _("Send the header Content-Type: application/json."),
    ),
    "invalid": Kind(
        422, _("Something that was sent is not as it must be"), _("The field errors says why, of each one."),
    ),
    "key-used": Kind(
        422, _("This Idempotency-Key was used for another request"), _("Draw a new key for each new request."),
    ),
    "condition-missing": Kind(
        428, _("The header If-Match is missing"), _("Read the entry, and send its ETag along with the change."),
    ),
    "too-many-attempts": Kind(
        429, _("Too many wrong tokens from your address"), _("Correct the program's token; Retry-After says when."),
    ),
    "failed": Kind(
        500, _("That did not work"), _("Nothing was changed by half. The journal of relevo-web.service says why."),
    ),
    "queue-unavailable": Kind(
        503, _("A mail queue can't be read or changed now"),
        _("The field detail says whose, and why. Try again after Retry-After seconds."),
    ),
    "dns-unavailable": Kind(
        503, _("No name server can be asked now"),
        _("The field detail says why. Try again after Retry-After seconds."),
    ),
    "quarantine-unavailable": Kind(
        503, _("The quarantine can't be read, or a message not released, now"),
        _("The field detail says why. Try again after Retry-After seconds."),
    ),
    "unavailable": Kind(
        503, _("The accounts' database does not do that now"),
        _("Try again after Retry-After seconds: after a failure the other server takes over."),
    ),
}


@dataclass
class Problem(Exception):  # noqa: N818 - the RFC's word
    """An error that a program is told; raised anywhere in an operation."""

    kind: str
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Mapping[str, str]] = ()


def type_of(kind: str) -> str:
    """Return the address that names a kind of problem, and explains it."""
    return f"https://{settings.RELEVO_HOSTNAME}/api/v1/#{kind}"


def answer(problem: Problem) -> HttpResponse:
    """Return what a program is told."""
    kind = KINDS[problem.kind]
    told: dict[str, Any] = {
        "type": type_of(problem.kind), "title": str(kind.title), "status": kind.status,
        "detail": problem.detail or str(kind.advice),
    }
    if problem.errors:
        told["errors"] = list(problem.errors)
    text = json.dumps(told, ensure_ascii=False)
    return HttpResponse(text, status=kind.status, content_type=CONTENT_TYPE, headers=dict(problem.headers))
