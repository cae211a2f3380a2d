"""The API: its operations, what becomes of errors, and its page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from relevo.directory.tokens import (
    ADMINISTRATORS,
    ALIASES,
    AUDIT,
    DOMAINS,
    LISTS,
    MAILBOXES,
    QUARANTINE,
    QUEUE,
    SENDER_RULES,
    STATUS,
    TRACE,
)
from relevo.errors import DirectoryError, DnsError, QuarantineError, QueueError, UnavailableError
from relevo.web.api import document, invalid, problems
from relevo.web.api.operations import (
    administrators,
    aliases,
    audit,
    dkim,
    domains,
    held,
    lists,
    mailboxes,
    quarantine,
    queue,
    sender_rules,
    shared,
    status,
    trace,
)
from relevo.web.api.problems import Problem

_RETRY = {"Retry-After": "5"}  # seconds: a failover takes no longer
_JSON = "application/json"


class JsonOnly(Parser):
    """What reads bodies: JSON, and nothing that only looks like it."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what was sent."""
        if request.content_type != _JSON:
            raise Problem("media-type")
        return super().parse_body(request)


class Api(NinjaAPI):
    """Ninja's API with a document that says more."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the document."""
        return document.completed(super().get_openapi_schema(**kwargs))


api = Api(
    title="Relevo", version="1", description=document.DESCRIPTION, openapi_url=None, docs_url=None, parser=JsonOnly(),
)
for name, router in (
    (DOMAINS, domains.router), (DOMAINS, dkim.router), (MAILBOXES, mailboxes.router), (shared.PATH, shared.router),
    (ALIASES, aliases.router), (LISTS, lists.router), (held.PATH, held.router), (QUEUE, queue.router),
    (QUARANTINE, quarantine.router), (SENDER_RULES, sender_rules.router), (TRACE, trace.router),
    (ADMINISTRATORS, administrators.router), (AUDIT, audit.router), (STATUS, status.router),
):
    api.add_router(f"/{name}", router)


@api.exception_handler(Problem)
def _problem(_request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.answer(problem)


@api.exception_handler(DirectoryError)
def _refused(_request: HttpRequest, error: DirectoryError) -> HttpResponse:
    if isinstance(error, UnavailableError):
        return problems.answer(Problem("unavailable", str(error), _RETRY))
    if isinstance(error, QueueError):
        return problems.answer(Problem("queue-unavailable", str(error), _RETRY))
    if isinstance(error, DnsError):
        return problems.answer(Problem("dns-unavailable", str(error), _RETRY))
    if isinstance(error, QuarantineError):
        return problems.answer(Problem("quarantine-unavailable", str(error), _RETRY))
    return problems.answer(Problem("refused", str(error)))


@api.exception_handler(Error)
def _unavailable(_request: HttpRequest, _error: Error) -> HttpResponse:
    return problems.answer(Problem("unavailable", headers=_RETRY))


@api.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.answer(invalid.problem(error.errors))


@api.exception_handler(RequestDataTooBig)
def _too_large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problems.answer(Problem("too-large"))


@api.exception_handler(HttpError)
def _unreadable(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """Say why a body could not be read: Ninja wraps what the parser raises."""
    cause = error.__cause__
    return problems.answer(cause if isinstance(cause, Problem) else Problem("malformed"))


def start(request: HttpRequest) -> HttpResponse:
    """Show where the document is, and what kinds of problems there are: their `type` leads here."""
    return render(request, "relevo/api.html", {
        "title": _("API for programs"), "problems": problems.KINDS, "problems_title": _("What can go wrong"),
        "advice": _("Every operation, with its fields, scopes and answers, stands in a document after OpenAPI 3.1."),
    })


def openapi(_request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document; it is the same for everybody."""
    return HttpResponse(document.text(api), content_type=_JSON)
