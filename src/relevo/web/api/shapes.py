"""What is sent and received: the shapes of `relevo.directory.describe`, and what can be set of them.

An entry that is read holds what `describe` says, which `--format json` of the commands writes, too. Of a change each
field may be left out; an unknown field is refused. Shared mailboxes, aliases and lists are here, the rest in files of
their own.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from relevo.web.api.words import (
    Addresses,
    Number,
    OwnAddress,
    OwnAddresses,
    Text,
)

_E = TypeVar("_E")
_Policy = Literal["anyone", "domain", "members", "named"]
_Moderation = Literal["off", "others", "all"]
QUOTA = "MiB; 0 for no limit."
_POLICY = "Who may post: anyone, its domain, its members, or those named in `senders`."
_MODERATED = (
    "Whose posts wait until an owner lets them through: nobody's, those of others than may post (who are else "
    "refused), or all but the owners'."
)
_OWNERS = "Mailboxes here, whose owners let posts through or refuse them."


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


def may_be_left_out(description: str = "") -> Any:
    """Make a field of a change; its default is never looked at, and null is no value of it."""
    return Field(default=None, description=description or None)


class Page(Told, Generic[_E]):
    """Some entries, in their order, and the way to those after them."""

    items: list[_E]
    next: str | None = Field(
        description="Where the next page is, with the same filters; null on the last one.",
        examples=["/api/v1/mailboxes?limit=50&after=ana%40example.org"],
    )


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
    quota_mb: int = Field(description=QUOTA)
    readers: list[str] = Field(description=_READERS)
    writers: list[str] = Field(description=_WRITERS)
    managers: list[str] = Field(description=_MANAGERS)
    senders: list[str] = Field(description=_SENDERS)


class NewSharedMailbox(Given):
    """A shared mailbox to be added."""

    address: OwnAddress
    name: Text = ""
    enabled: bool = True
    quota_mb: Number | None = Field(default=None, description=f"{QUOTA} null: the domain's default.")
    readers: OwnAddresses = Field(default=[], description=_READERS)
    writers: OwnAddresses = Field(default=[], description=_WRITERS)
    managers: OwnAddresses = Field(default=[], description=_MANAGERS)
    senders: OwnAddresses = Field(default=[], description=_SENDERS)


class SharedMailboxChanges(Changes):
    """What shall be different."""

    name: Text = may_be_left_out()
    enabled: bool = may_be_left_out()
    quota_mb: Number = may_be_left_out(QUOTA)
    readers: OwnAddresses = may_be_left_out(_READERS)
    writers: OwnAddresses = may_be_left_out(_WRITERS)
    managers: OwnAddresses = may_be_left_out(_MANAGERS)
    senders: OwnAddresses = may_be_left_out(_SENDERS)


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

    to: Addresses = may_be_left_out("All of them, at least one.")
    enabled: bool = may_be_left_out()


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

    name: Text = may_be_left_out()
    members: Addresses = may_be_left_out("All of them.")
    policy: _Policy = may_be_left_out(_POLICY)
    senders: Addresses = may_be_left_out("All of them.")
    moderated: _Moderation = may_be_left_out(_MODERATED)
    owners: Addresses = may_be_left_out("All of them.")
    enabled: bool = may_be_left_out()


class Lists(Page[List]):
    """A page of lists."""
