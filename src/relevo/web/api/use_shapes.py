"""How a mailbox is used, as it is read; the shapes of `relevo.directory.describe_use`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from relevo.web.api.shapes import Told


class Device(Told):
    """What a mailbox's mail was fetched or sent with, from one network."""

    protocol: str = Field(description="imap, pop3, webmail, or smtp.")
    program: str = Field(description="What it calls itself (IMAP ID); anybody can claim anything.")
    client: str = Field(description="The address it came from last; empty for the webmail.")
    password: Literal["own", "app", "unknown"] = Field(description="Of who sends it is not known which one it was.")
    app_password: str = Field(description="Its name; empty for one that is revoked.")
    first_seen: str
    last_seen: str


class AppPassword(Told):
    """A password that the owner has made for one program; the password itself nobody knows any more."""

    name: str
    protocols: list[str]
    created: str
    last_used_at: str | None = Field(description="To fetch mail, within 90 days; of sending it is not known.")
    last_used_protocol: str
    last_used_client: str


class MailboxUse(Told):
    """What is known of a mailbox's use."""

    as_of: str | None = Field(description="What happened until then is in it; null: nothing was written yet.")
    devices: list[Device] = Field(description="Those of 90 days, the last one first, 50 at most.")
    app_passwords: list[AppPassword]
