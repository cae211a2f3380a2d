"""What is sent and received: the shapes of `relevo.directory.describe`, and what can be set of them.

An entry that is read holds what `describe` says, which `--format json` of the commands writes, too. Of a change each
field may be left out; an unknown field is refused.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from relevo.web.api.words import (
    Addresses,
    AddressOrNone,
    AnyAddress,
    DomainName,
    DomainNames,
    DomainOrNone,
    Number,
    OwnAddress,
    OwnAddresses,
    Password,
    Text,
)

_E = TypeVar("_E")
_Policy = Literal["anyone", "domain", "members", "named"]
_Moderation = Literal["off", "others", "all"]
_Role = Literal["global", "domain"]
_MAY_LOG_IN = "Receives mail, and its owner may log in."
_KEEP_COPY = "What is forwarded stays in the mailbox too."
_QUOTA = "MiB; 0 for no limit."
_SUM = "MiB that the quotas of its mailboxes may be in sum; 0 for any. With it each mailbox needs a quota."
_OUTSIDE = "Whether owners of mailboxes may forward their mail out of this platform by themselves."
_POLICY = "Who may post: anyone, its domain, its members, or those named in `senders`."
_MODERATED = (
    "Whose posts wait until an owner lets them through: nobody's, those of others than may post (who are else "
    "refused), or all but the owners'."
)
_OWNERS = "Mailboxes here, whose owners let posts through or refuse them."
_DOMAINS = "What it sees and changes; none for a global one."


class Told(BaseModel):
    """An entry as it is read."""


class Given(BaseModel):
    """What is sent: of the types that are said, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)  # what is left out stays as it is


class Changes(Given):
    """What shall be different; what is left out stays."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    def given(self) -> dict[str, Any]:
        """Return what was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _may_be_left_out(description: str = "") -> Any:
    """Make a field of a change; its default is never looked at, and null is no value of it."""
    return Field(default=None, description=description or None)


class Page(Told, Generic[_E]):
    """Some entries, in their order, and the way to those after them."""

    items: list[_E]
    next: str | None = Field(
        description="Where the next page is, with the same filters; null on the last one.",
        examples=["/api/v1/mailboxes?limit=50&after=ana%40example.org"],
    )


# --- Domains ----------------------------------------------------------------------------------------------------------
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

    enabled: bool = _may_be_left_out()
    alias_of: DomainOrNone = _may_be_left_out()
    catch_all: AddressOrNone = _may_be_left_out()
    mailbox_limit: Number = _may_be_left_out()
    alias_limit: Number = _may_be_left_out()
    list_limit: Number = _may_be_left_out()
    quota_limit_mb: Number = _may_be_left_out(_SUM)
    default_quota_mb: Number | None = _may_be_left_out("null: the platform's.")
    owners_forward_outside: bool = _may_be_left_out(_OUTSIDE)


class Domains(Page[Domain]):
    """A page of domains."""


# --- Mailboxes --------------------------------------------------------------------------------------------------------
class Mailbox(Told):
    """A mailbox; its password can be set and never read."""

    address: str = Field(examples=["ana@example.org"])
    name: str = Field(description="The person's.", examples=["Ana Pérez"])
    enabled: bool = Field(description=_MAY_LOG_IN)
    quota_mb: int = Field(description=_QUOTA)
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
    quota_mb: Number | None = Field(default=None, description=f"{_QUOTA} null: the domain's default.")
    forward: Addresses = Field(default=[], description="Where its mail goes on to.")
    keep_copy: bool = Field(default=True, description=_KEEP_COPY)


class MailboxChanges(Changes):
    """What shall be different."""

    password: Password = _may_be_left_out()
    name: Text = _may_be_left_out()
    enabled: bool = _may_be_left_out("Off: who is logged in to it is logged out at once.")
    quota_mb: Number = _may_be_left_out(_QUOTA)
    forward: Addresses = _may_be_left_out("All of them; an empty list ends the forwarding.")
    keep_copy: bool = _may_be_left_out(_KEEP_COPY)


class Mailboxes(Page[Mailbox]):
    """A page of mailboxes."""


# --- Shared mailboxes -------------------------------------------------------------------------------------------------
_READERS = "Mailboxes here whose owners may read it."
_WRITERS = "... may also mark, move and delete its mail."
_MANAGERS = "... may also make, rename and delete its folders."
_SENDERS = "Those of all these who may send as it."


class SharedMailbox(Told):
    """A mailbox that several people open from their own; each of them is in one of the first three lists."""

    address: str = Field(examples=["info@example.org"])
    name: str
    enabled: bool = Field(description="Off: it receives nothing and nobody sees it.")
    quota_mb: int = Field(description=_QUOTA)
    readers: list[str] = Field(description=_READERS)
    writers: list[str] = Field(description=_WRITERS)
    managers: list[str] = Field(description=_MANAGERS)
    senders: list[str] = Field(description=_SENDERS)


class NewSharedMailbox(Given):
    """A shared mailbox to be added."""

    address: OwnAddress
    name: Text = ""
    enabled: bool = True
    quota_mb: Number | None = Field(default=None, description=f"{_QUOTA} null: the domain's default.")
    readers: OwnAddresses = Field(default=[], description=_READERS)
    writers: OwnAddresses = Field(default=[], description=_WRITERS)
    managers: OwnAddresses = Field(default=[], description=_MANAGERS)
    senders: OwnAddresses = Field(default=[], description=_SENDERS)


class SharedMailboxChanges(Changes):
    """What shall be different."""

    name: Text = _may_be_left_out()
    enabled: bool = _may_be_left_out()
    quota_mb: Number = _may_be_left_out(_QUOTA)
    readers: OwnAddresses = _may_be_left_out(_READERS)
    writers: OwnAddresses = _may_be_left_out(_WRITERS)
    managers: OwnAddresses = _may_be_left_out(_MANAGERS)
    senders: OwnAddresses = _may_be_left_out(_SENDERS)


class SharedMailboxes(Page[SharedMailbox]):
    """A page of shared mailboxes."""


# --- Aliases ----------------------------------------------------------------------------------------------------------
class Alias(Told):
    """An address that stands for others."""

    address: str = Field(examples=["info@example.org"])
    to: list[str] = Field(description="Where its mail goes.")
    enabled: bool
    automatic: bool = Field(description="Relevo's own (postmaster, abuse), until somebody sets it.")


class NewAlias(Given):
    """An alias to be added."""

    address: OwnAddress
    to: Addresses = Field(min_length=1, description="Where its mail goes.")
    enabled: bool = True


class AliasChanges(Changes):
    """What shall be different."""

    to: Addresses = _may_be_left_out("All of them, at least one.")
    enabled: bool = _may_be_left_out()


class Aliases(Page[Alias]):
    """A page of aliases."""


# --- Lists ------------------------------------------------------------------------------------------------------------
class List(Told):
    """A distribution list."""

    address: str = Field(examples=["all@example.org"])
    name: str
    enabled: bool
    policy: _Policy = Field(description=_POLICY)
    senders: list[str]
    moderated: _Moderation = Field(description=_MODERATED)
    owners: list[str] = Field(description=_OWNERS)
    members: list[str]


class NewList(Given):
    """A list to be added."""

    address: OwnAddress
    name: Text = ""
    members: Addresses = Field(default=[])
    policy: _Policy = Field(default="domain", description=_POLICY)
    senders: Addresses = Field(default=[], description="Who may post with the policy `named`, and only then.")
    moderated: _Moderation = Field(default="off", description=_MODERATED)
    owners: Addresses = Field(default=[], description=_OWNERS)
    enabled: bool = True


class ListChanges(Changes):
    """What shall be different."""

    name: Text = _may_be_left_out()
    members: Addresses = _may_be_left_out("All of them.")
    policy: _Policy = _may_be_left_out(_POLICY)
    senders: Addresses = _may_be_left_out("All of them.")
    moderated: _Moderation = _may_be_left_out(_MODERATED)
    owners: Addresses = _may_be_left_out("All of them.")
    enabled: bool = _may_be_left_out()


class Lists(Page[List]):
    """A page of lists."""


# --- Administrators ---------------------------------------------------------------------------------------------------
class Administrator(Told):
    """Who administers on the web, or by a program."""

    address: str = Field(examples=["luis@example.org"])
    role: _Role
    domains: list[str] = Field(description=_DOMAINS)
    enabled: bool
    last_login: str | None = Field(description="On the web; null when never.")


class NewAdministrator(Given):
    """An administrator to be added."""

    address: AnyAddress
    password: Password
    role: _Role = "domain"
    domains: DomainNames = Field(default=[], description=_DOMAINS)
    enabled: bool = True


class AdministratorChanges(Changes):
    """What shall be different."""

    password: Password = _may_be_left_out()
    role: _Role = _may_be_left_out()
    domains: DomainNames = _may_be_left_out("All of them.")
    enabled: bool = _may_be_left_out("Off: logged out at once, and their tokens are refused.")


class Administrators(Page[Administrator]):
    """A page of administrators."""


# --- Audit log --------------------------------------------------------------------------------------------------------
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
