"""Domains as they are sent and received; `shapes.py` has what all have in common."""

from __future__ import annotations

from pydantic import Field

from relevo.web.api.shapes import Changes, Given, Page, Told, may_be_left_out
from relevo.web.api.words import AddressOrNone, DomainName, DomainOrNone, Number

_SUM = "MiB that the quotas of its mailboxes may be in sum; 0 for any. With it each mailbox needs a quota."
_OUTSIDE = "Whether owners of mailboxes may forward their mail out of this platform by themselves."


class Domain(Told):
    """A mail domain."""

    name: str = Field(examples=["example.org"])
    enabled: bool = Field(description="Off: mail to it is refused, nobody of it can log in.")
    alias_of: str = Field(description="Another domain, whose addresses it mirrors; empty for one of its own.")
    catch_all: str = Field(description="Where mail to unknown addresses goes; empty: it is refused.")
    mailbox_limit: int = Field(description="Mailboxes at most; 0 for any number.")
    alias_limit: int = Field(description="Aliases at most, automatic ones not counted; 0 for any number.")
    list_limit: int = Field(description="Lists at most; 0 for any number.")
    quota_limit_mb: int = Field(description=_SUM)
    default_quota_mb: int | None = Field(
        description="MiB of a mailbox that is made without a quota; 0 for no limit, null for the platform's."
    )
    owners_forward_outside: bool = Field(description=_OUTSIDE)
    quota_used_bytes: int = Field(description="What its mailboxes hold, removed ones too; some minutes old.")
    quota_given_mb: int = Field(description="MiB: the quotas of its mailboxes in use, in sum.")


class NewDomain(Given):
    """A domain to be added."""

    name: DomainName
    alias_of: DomainOrNone = ""
    catch_all: AddressOrNone = ""
    mailbox_limit: Number = 0
    alias_limit: Number = 0
    list_limit: Number = 0
    quota_limit_mb: Number = Field(default=0, description=_SUM)
    default_quota_mb: Number | None = None


class DomainChanges(Changes):
    """What shall be different.

    A domain's own administrators may set `catch_all`, `default_quota_mb` and `owners_forward_outside`.
    """

    enabled: bool = may_be_left_out()
    alias_of: DomainOrNone = may_be_left_out()
    catch_all: AddressOrNone = may_be_left_out()
    mailbox_limit: Number = may_be_left_out()
    alias_limit: Number = may_be_left_out()
    list_limit: Number = may_be_left_out()
    quota_limit_mb: Number = may_be_left_out(_SUM)
    default_quota_mb: Number | None = may_be_left_out("null: the platform's.")
    owners_forward_outside: bool = may_be_left_out(_OUTSIDE)


class Domains(Page[Domain]):
    """A page of domains."""
