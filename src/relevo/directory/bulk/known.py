"""What exists at the addresses that a table speaks of: a few questions to the database, however long the table is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from relevo.directory import scope
from relevo.directory.bulk.kinds import Kind, Values
from relevo.directory.models import Administrator, Alias, DistributionList, Domain, Mailbox, MirroredAddress
from relevo.directory.registry import is_open
from relevo.i18n import _

_PART = 1000  # addresses in one question


class Known:
    """What stands at some addresses, and in which domains an administrator may work; None is who uses a command."""

    def __init__(self, kind: Kind, wanted: set[str], targets: set[str], who: Administrator | None) -> None:
        everywhere = Domain.objects.select_related("alias_of")
        self.domains = {domain.name: domain for domain in (scope.domains(who) if who else everywhere)}
        self._ours = {domain.name: domain for domain in everywhere}
        within = scope.within(who, kind.entries()) if who else kind.entries()
        self.entries: dict[str, Values] = {
            row.address: kind.describe(row) for row in _where(within, wanted, "address")
        }
        addresses = wanted | {address for address in targets if address.rpartition("@")[2] in self._ours}
        boxes = list(_where(Mailbox.objects.all(), addresses, "address"))
        self.gone = {box.address for box in boxes if box.removed_at or box.hidden}
        self.mailboxes = {box.address for box in boxes} - self.gone
        self.aliases = {row.address: row.automatic for row in _where(Alias.objects.all(), addresses, "address")}
        lists = list(_where(DistributionList.objects.all(), addresses, "address"))
        self.lists = {row.address for row in lists}
        self.closed = {row.address for row in lists if not is_open(row)}
        self.mirrored = {row.address for row in _where(MirroredAddress.objects.all(), addresses, "address")}

    def taken(self, address: str, kind: Kind) -> str:
        """Return in words what other thing stands at an address, so that none of this kind can."""
        if kind.name != "mailbox" and address in self.mailboxes:
            return _("there is a mailbox {address} already").format(address=address)
        if kind.name != "alias" and self.aliases.get(address, True) is False:
            return _("there is an alias {address} already").format(address=address)
        if kind.name != "list" and address in self.lists:
            return _("there is a list {address} already").format(address=address)
        if address in self.gone:
            return _("at {address} the mail of a removed mailbox still lies: restore or purge it first").format(
                address=address
            )
        return ""

    def missing(self, target: str, coming: set[str]) -> bool:
        """Tell whether mail to an address of ours would reach nothing that is there or comes with the table."""
        local_part, _at, name = target.rpartition("@")
        if name not in self._ours:
            return False
        plain = f"{local_part.split('+', 1)[0] or local_part}@{name}"
        standing = plain in self.mailboxes or plain in self.aliases or plain in self.lists or plain in self.mirrored
        domain = self._ours[name]
        return not (standing or plain in coming or (domain.alias_of or domain).catch_all)


def _where(rows: QuerySet[Any], values: Iterable[str], field: str) -> Iterator[Any]:
    left = iter(sorted(values))
    while part := list(islice(left, _PART)):
        yield from rows.filter(**{f"{field}__in": part})
