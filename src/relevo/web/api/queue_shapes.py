"""What is told of waiting mail: the shape of `relevo.directory.describe_messages.queued`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.shapes import Page, Told

State = Literal["incoming", "active", "deferred", "hold"]


class Waiting(Told):
    """A recipient who has not got the message yet."""

    address: str = Field(examples=["luis@elsewhere.example"])
    reason: str = Field(description="The words of Postfix, or of the other server; empty when it was not tried yet.")
    kind: str = Field(
        description="What happened, for programs; empty for a reason without words of ours.", examples=["greylisted"]
    )
    what: str = Field(description="What happened, for people, in the language of Accept-Language.")
    advice: str = Field(description="What to do.")


class QueuedMessage(Told):
    """A message that waits."""

    id: str = Field(examples=["4jcKGs3y4kz2FqvN"])
    node: str = Field(description="Whose queue it is in.", examples=["mail01"])
    adopted_by: str = Field(description="The node that works on it in place of its own; empty: its own does.")
    state: State
    arrived: str = Field(examples=["2026-11-28T09:30:00+00:00"])
    size: int = Field(description="Bytes.")
    sender: str = Field(description="Empty for a bounce.")
    recipients: list[Waiting] = Field(description="Those that still wait, 20 at most.")
    more_recipients: int = Field(description="How many others.")
    other_recipients: int = Field(description="How many in domains that the administrator does not look after.")


class Header(Told):
    """A header, decoded."""

    name: str = Field(examples=["Subject"])
    value: str


class WholeMessage(QueuedMessage):
    """A message with its headers; what is in it is never told."""

    headers: list[Header]


class Queue(Told):
    """A queue as it was found."""

    node: str = Field(description="Whose it is.")
    adopted_by: str = Field(description="The node that works on it in place of its own.")
    counts: dict[State, int] = Field(description="Messages by state, whatever the filters are.")
    matching: int = Field(description="Messages that fit the filters.")
    trouble: str = Field(description="Why it was not read, or not to its end: `items` has not all of its messages.")


class QueuedMessages(Page[QueuedMessage]):
    """A page of waiting mail, and of which queues it tells."""

    queues: list[Queue]
