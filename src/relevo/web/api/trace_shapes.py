"""What is told of the ways of messages: the shapes of `relevo.directory.describe_messages.trace` and `whole_trace`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.shapes import Page, Told

Result = Literal["delivered", "deferred", "bounced", "rejected", "virus", "spam", "expired", "queued", "deleted"]


class Explained(Told):
    """What a server's words mean; all empty when there are no words of ours for them."""

    kind: str = Field(description="Why, for programs.", examples=["no-such-address"])
    what: str = Field(description="Why, for people, in the language of Accept-Language.")
    advice: str = Field(description="What to do.")


class Traced(Explained):
    """A recipient, and what became of the message for this one."""

    address: str = Field(examples=["luis@elsewhere.example"])
    original: str = Field(description="The alias or list by which it got there; empty when there is none.")
    result: str = Field(description="One of the results; empty when nobody has said yet.", examples=["delivered"])
    reason: str = Field(description="What was last said of it, in the words of Postfix or of the other server.")


class Trace(Told):
    """The way of one message."""

    id: str = Field(description="Its queue id, or a name of ours when it never got into a queue.")
    began: str = Field(examples=["2026-11-28T09:30:00.120+00:00"])
    last: str = Field(description="When the last line of it was written.", examples=["2026-11-28T09:30:01.980+00:00"])
    sender: str | None = Field(description="Empty for a bounce; null when no line is left that says it.")
    message_id: str = Field(description="Without its angle brackets; empty when none was seen.")
    client: str = Field(description="The IP address it came from; empty for a program of a node.")
    user: str = Field(description="Who had logged in to send it.")
    size: int = Field(description="Bytes; 0 when it never got into a queue.")
    results: list[Result]
    nodes: list[str] = Field(description="Whose journals have something of it.", examples=[["mail01", "mail02"]])
    recipients: list[Traced]
    other_recipients: int = Field(description="How many in domains that the administrator does not look after.")


class Step(Explained):
    """Something that happened to a message."""

    at: str = Field(examples=["2026-11-28T09:30:00.120+00:00"])
    node: str = Field(examples=["mail01"])
    step: str = Field(description="What, for programs.", examples=["filtered"])
    text: str = Field(description="What, for people, in the language of Accept-Language.")
    count: int = Field(description="So many attempts that ended alike are told as one.")
    until: str = Field(description="When the last of them was.")
    of_notice: bool = Field(description="It happened to the message that told the sender of this one's fate.")
    lines: list[str] = Field(description="The server's own lines.")


class WholeTrace(Trace):
    """The way of one message with all that happened to it."""

    steps: list[Step]
    troubles: list[str] = Field(description="Why something may be missing.")


class Node(Told):
    """How far a mail node could be asked."""

    node: str = Field(examples=["mail01"])
    since: str | None = Field(description="The oldest that it knows.", examples=["2026-10-29T09:30:00+00:00"])
    trouble: str = Field(description="Why `items` has not all that this node has seen; empty when it has.")


class Traces(Page[Trace]):
    """A page of traces, and which nodes could be asked."""

    nodes: list[Node]
