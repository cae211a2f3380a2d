"""What is told of the quarantine: the shape of `relevo.directory.describe_messages.quarantined`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.queue_shapes import Header
from relevo.web.api.shapes import Page, Told


class QuarantinedFor(Told):
    """A recipient who did not get the message."""

    address: str = Field(examples=["ana@example.org"])
    state: Literal["", "released", "releasing", "interrupted", "deleted"] = Field(
        description="What became of it since; `interrupted`: nobody knows whether its release has arrived."
    )


class QuarantinedMessage(Told):
    """A copy of a message that was refused."""

    id: str = Field(examples=["QrtSkcvEyCbE"])
    at: str = Field(examples=["2026-11-28T09:30:00+00:00"])
    kind: Literal["spam", "attachment", "forged"]
    score: float = Field(description="The filter's points.")
    reason: str = Field(description="The rules that made them, or the attachment.")
    sender: str = Field(description="Of the envelope; empty for a bounce.")
    header_from: str = Field(description="As it stands in the message.")
    subject: str
    size: int = Field(description="Bytes.")
    recipients: list[QuarantinedFor]
    other_recipients: int = Field(description="How many whom the administrator does not look after.")


class Attachment(Told):
    """What is attached; its content is never told."""

    name: str
    type: str = Field(examples=["application/pdf"])
    size: int = Field(description="Bytes.")


class WholeQuarantinedMessage(QuarantinedMessage):
    """A message with what is in it, as text."""

    headers: list[Header]
    text: str = Field(description="20,000 characters at most.")
    attachments: list[Attachment]
    cut: bool = Field(description="Whether there is more of it than is told.")


class QuarantinedMessages(Page[QuarantinedMessage]):
    """A page of what was refused."""
