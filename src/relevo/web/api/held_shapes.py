"""What is told of posts that wait: the shape of `relevo.directory.describe_messages.held_post`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.directory.held.deciding import LONGEST_REASON
from relevo.web.api.quarantine_shapes import Attachment
from relevo.web.api.queue_shapes import Header
from relevo.web.api.shapes import Given, Page, Told


class HeldPost(Told):
    """A post that waits for an owner of its list."""

    id: str = Field(examples=["4jcbNS0xsfz2GD3S-12"])
    list: str = Field(examples=["all@example.org"])
    at: str = Field(examples=["2026-11-29T05:31:04+00:00"])
    sender: str = Field(description="Of the envelope.")
    header_from: str = Field(description="As it stands in the message.")
    subject: str
    size: int = Field(description="Bytes.")
    state: Literal["", "deciding", "interrupted"] = Field(
        description="Whether a decision has begun; `interrupted`: nobody knows whether the members have it."
    )


class WholeHeldPost(HeldPost):
    """A post with what is in it, as text."""

    headers: list[Header]
    text: str = Field(description="20,000 characters at most.")
    attachments: list[Attachment]
    cut: bool = Field(description="Whether there is more of it than is told.")


class HeldPosts(Page[HeldPost]):
    """A page of posts that wait."""


class Refusal(Given):
    """Why a post is refused."""

    reason: str = Field(
        default="", max_length=LONGEST_REASON,
        description="One line for its sender, who is told only when it is known that the post is from there.",
    )
