"""Mailboxes as they are sent and received; `use_shapes.py` has what they are used with."""

from __future__ import annotations

from pydantic import Field

from relevo.web.api.shapes import QUOTA, Changes, Given, Page, Told, may_be_left_out
from relevo.web.api.words import Addresses, Number, OwnAddress, Password, Text

_MAY_LOG_IN = "Receives mail, and its owner may log in."
_KEEP_COPY = "What is forwarded stays in the mailbox too."


class Mailbox(Told):
    """A mailbox; its password can be set and never read."""

    address: str = Field(examples=["ana@example.org"])
    name: str = Field(description="The person's.", examples=["Ana Pérez"])
    enabled: bool = Field(description=_MAY_LOG_IN)
    quota_mb: int = Field(description=QUOTA)
    forward: list[str] = Field(description="Where its mail goes on to.")
    keep_copy: bool = Field(description=_KEEP_COPY)
    digest: bool = Field(description="Whether its owner wants the daily list of refused mail.")
    app_passwords: int = Field(description="How many passwords for single programs its owner has made.")
    removed: str | None = Field(description="When it was removed; null for one in use.")
    last_login_at: str | None = Field(description="Some minutes old; sending counts, too. null: never.")
    last_login_protocol: str = Field(description="imap, pop3, webmail, or smtp for who sent; empty: never.")
    quota_used_bytes: int | None = Field(description="How full it was at `quota_counted_at`; null: not counted yet.")
    quota_counted_at: str | None = Field(description="Counted again some minutes after anything in it has changed.")


class NewMailbox(Given):
    """A mailbox to be added."""

    address: OwnAddress
    password: Password
    name: Text = ""
    enabled: bool = Field(default=True, description=_MAY_LOG_IN)
    quota_mb: Number | None = Field(default=None, description=f"{QUOTA} null: the domain's default.")
    forward: Addresses = Field(default=[], description="Where its mail goes on to.")
    keep_copy: bool = Field(default=True, description=_KEEP_COPY)


class MailboxChanges(Changes):
    """What shall be different."""

    password: Password = may_be_left_out()
    name: Text = may_be_left_out()
    enabled: bool = may_be_left_out("Off: who is logged in to it is logged out at once.")
    quota_mb: Number = may_be_left_out(QUOTA)
    forward: Addresses = may_be_left_out("All of them; an empty list ends the forwarding.")
    keep_copy: bool = may_be_left_out(_KEEP_COPY)


class Mailboxes(Page[Mailbox]):
    """A page of mailboxes."""
