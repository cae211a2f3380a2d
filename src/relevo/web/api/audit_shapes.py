"""The audit log as it is sent."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from relevo.web.api.shapes import Page, Told


class AuditEntry(Told):
    """What was done."""

    id: int
    at: str = Field(examples=["2026-11-28T09:30:00+00:00"])
    actor: str = Field(description="Who did it: an administrator, or who ran a command.")
    source: str = Field(description="The address it came from; empty for a command.")
    action: str = Field(examples=["mailbox.add"])
    subject: str = Field(description="What it was done to.")
    domain: str = Field(description="Of the subject.")
    detail: dict[str, Any] = Field(description="What was set, and the name of the token when a program did it.")


class AuditEntries(Page[AuditEntry]):
    """A page of the audit log."""
