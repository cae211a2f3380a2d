"""What is said of senders: allowed or blocked, for a mailbox, a domain, or all."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from relevo.directory import describe, scope, sender_rules
from relevo.directory.searching import matching
from relevo.directory.tokens import SENDER_RULES
from relevo.web.api import sender_shapes, telling
from relevo.web.api.bearer import administrator
from relevo.web.api.kind import Kind, Paging
from relevo.web.api.problems import Problem

router = Router(tags=[SENDER_RULES])
_RULE = Kind(scope.sender_rules, describe.sender_rule, column="pk", canonical=int, newest_first=True)
_DIGITS = 18  # of a number that the database can have


class Filters(Paging):
    """Which rules."""

    after: str = Field(
        default="", pattern=rf"^[0-9]{{0,{_DIGITS}}}$", description="The id of the last entry of the page before."
    )
    search: str = Field(default="", max_length=200, description="Words that all occur in sender or recipient.")
    domain: str = Field(default="", max_length=253, description="Only what is for this domain, or a mailbox in it.")
    verdict: Literal["", "allow", "block"] = Field(default="", description="Only those that say so.")


@router.get("", response=sender_shapes.SenderRules, **telling.listing(SENDER_RULES, "listSenderRules"))
def list_sender_rules(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """List what is said of senders, the newest first.

    What is said for all only global administrators see.
    """
    rows = matching(_RULE.rows(request), filters.search, ("sender", "recipient"))
    if filters.domain:
        rows = sender_rules.concerning(rows, filters.domain)
    if filters.verdict:
        rows = rows.filter(verdict=filters.verdict)
    return _RULE.page(request, rows, filters)


@router.post("", response={201: sender_shapes.SenderRule}, **telling.adding(SENDER_RULES, "addSenderRule"))
def add_sender_rule(request: HttpRequest, given: sender_shapes.NewSenderRule) -> HttpResponse:
    """Allow or block a sender, in place of what was said of the same one for the same recipient.

    For all only global administrators do.
    """
    if not scope.may_speak_for(administrator(request), given.recipient):
        name = given.recipient.rpartition("@")[2]
        raise Problem("forbidden", _("{domain} is not among the domains of this administrator.").format(domain=name))
    return _RULE.add(request, lambda: sender_rules.say(given.verdict, given.sender, given.recipient).pk)


@router.get("/{int:number}", response=sender_shapes.SenderRule, **telling.reading(SENDER_RULES, "getSenderRule"))
def get_sender_rule(request: HttpRequest, number: int) -> HttpResponse:
    """Read one rule."""
    return _RULE.read(request, str(number))


@router.delete("/{int:number}", response={204: None}, **telling.removing(SENDER_RULES, "removeSenderRule"))
def remove_sender_rule(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what was said of a sender."""
    return _RULE.remove(request, str(number), sender_rules.remove)
