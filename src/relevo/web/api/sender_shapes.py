"""What is told and sent of senders: the shape of `relevo.directory.describe.sender_rule`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.shapes import Given, Page, Told
from relevo.web.api.words import Sender, Whom

_Verdict = Literal["allow", "block"]
_SENDER = "An address, or a domain for everybody in it."
_RECIPIENT = "A mailbox or a domain of ours, or `*` for all."


class SenderRule(Told):
    """What is said of a sender."""

    id: int
    sender: str = Field(description=_SENDER, examples=["shop@example.com"])
    recipient: str = Field(description=_RECIPIENT, examples=["ana@example.org"])
    verdict: _Verdict
    since: str = Field(examples=["2026-11-28T09:30:00+00:00"])


class NewSenderRule(Given):
    """What shall be said of a sender."""

    sender: Sender = Field(description=_SENDER)
    recipient: Whom = Field(default="*", description=_RECIPIENT)
    verdict: _Verdict


class SenderRules(Page[SenderRule]):
    """A page of what is said of senders."""
