"""Which columns a table of mailboxes, aliases or lists has, what may stand in them, and the functions behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from relevo.directory import aliases, describe, lists, mailboxes, passwords
from relevo.directory.addresses import any_address, own_address
from relevo.directory.models import Moderation, PostPolicy
from relevo.errors import DirectoryError
from relevo.i18n import _

_YES = frozenset("yes true on 1 sí si verdadero".split())  # noqa: SIM905 - words read best as words
_NO = frozenset("no false off 0 falso".split())  # noqa: SIM905 - the same
_LARGEST = 2**31 - 1
_NAME_LENGTH = 200

Values = dict[str, Any]
Reader = Callable[[str], Any]


@dataclass(frozen=True)
class Kind:
    """One kind of table.

    `columns` are read by their functions, which return None for what stays as it is, and raise DirectoryError.
    `targets` is the column that says where mail goes on to. `add` and `change` are the directory's functions.
    """

    name: str
    columns: Mapping[str, Reader]
    targets: str
    entries: Callable[[], QuerySet[Any]]
    describe: Callable[[Any], Values]
    add: Callable[..., object]
    change: Callable[..., object]
    needed: tuple[str, ...] = ("address",)

    @property
    def exported(self) -> tuple[str, ...]:
        """The columns of a table that is written; a password is in none."""
        return tuple(name for name in self.columns if name != "password")


def difference(current: Values, wanted: Values) -> Values:
    """Return what of the wanted values is not so yet; a password is a new entry's alone."""
    return {
        key: value for key, value in wanted.items()
        if key not in {"address", "password"} and value is not None and value != current[key]
    }


def _address(text: str) -> str:
    return str(own_address(text))


def _addresses(text: str) -> list[str]:
    words = text.replace(",", " ").replace(";", " ").split()
    return sorted({str(any_address(word)) for word in words})


def _some_addresses(text: str) -> list[str]:
    if not (found := _addresses(text)):
        raise DirectoryError(_("an alias needs at least one address to send its mail to"))
    return found


def _name(text: str) -> str:
    if len(text) > _NAME_LENGTH or not text.isprintable():
        raise DirectoryError(_("a name is one line of at most {most} characters").format(most=_NAME_LENGTH))
    return text


def _quota(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text[:11]) > _LARGEST:
        raise DirectoryError(_("{text!r}: write the MiB as a whole number, 0 for no limit").format(text=text[:40]))
    return int(text)


def _flag(text: str) -> bool | None:
    word = text.lower()
    if word and word not in _YES | _NO:
        raise DirectoryError(_("{text!r}: write yes or no").format(text=text[:40]))
    return word in _YES if word else None


def _policy(text: str) -> str | None:
    word = text.lower()
    if word and word not in PostPolicy.values:
        raise DirectoryError(_("{policy!r}: who may post is anyone, domain, members or named").format(policy=text[:40]))
    return word or None


def _moderated(text: str) -> str | None:
    word = text.lower()
    if word and word not in Moderation.values:
        raise DirectoryError(_("{value!r}: whose posts wait is off, others or all").format(value=text[:40]))
    return word or None


def _password(text: str) -> str | None:
    if text.startswith("{"):
        passwords.require_ready_hash(text)
    return text or None


MAILBOXES = Kind(
    "mailbox",
    {"address": _address, "name": _name, "quota_mb": _quota, "enabled": _flag, "forward": _addresses,
     "keep_copy": _flag, "password": _password},
    "forward", mailboxes.listing, describe.mailbox, mailboxes.add_hashed, mailboxes.change,
)
ALIASES = Kind(
    "alias", {"address": _address, "to": _some_addresses, "enabled": _flag},
    "to", aliases.listing, describe.alias, aliases.add, aliases.change, needed=("address", "to"),
)
LISTS = Kind(
    "list",
    {"address": _address, "name": _name, "members": _addresses, "policy": _policy, "senders": _addresses,
     "moderated": _moderated, "owners": _addresses, "enabled": _flag},
    "members", lists.listing, describe.distribution_list, lists.add, lists.change,
)
KINDS = {kind.name: kind for kind in (MAILBOXES, ALIASES, LISTS)}
