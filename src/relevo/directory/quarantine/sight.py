"""Which copies somebody may see, and which of their recipients: a stranger's message tells nobody who else gets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from relevo.directory.models import Alias, Mailbox, MirroredAddress


@dataclass(frozen=True)
class Sight:
    """What is None does not limit.

    Attributes:
        domains: a recipient in one of these is seen.
        addresses: a recipient that is one of these is seen, also with a plus tag.
        kinds: what may be released, out of copies.KINDS.
    """

    domains: frozenset[str] | None = None
    addresses: frozenset[str] | None = None
    kinds: frozenset[str] | None = None

    def sees(self, recipient: str) -> bool:
        """Tell whether a recipient, in lower case, is theirs."""
        if self.domains is not None and recipient.rpartition("@")[2] not in self.domains:
            return False
        return self.addresses is None or without_tag(recipient) in self.addresses

    @property
    def needles(self) -> list[str] | None:
        """What one of must occur in the header with the recipients; None: it does not matter."""
        if self.addresses is not None:
            tagged = {f"<{address.partition('@')[0]}+" for address in self.addresses}
            return sorted({*(f"<{address}>" for address in self.addresses), *tagged})
        return None if self.domains is None else sorted(f"@{name}>" for name in self.domains)


EVERYTHING = Sight()  # global administrators, and root on a node
# A program to double-click, or a letter in another's name: owners are whom these are meant to deceive.
OF_OWNERS = frozenset({"spam"})


def of_owner(box: Mailbox) -> Sight:
    """Return what a mailbox's owner sees: what was for the mailbox, and for addresses that lead to it alone."""
    return Sight(addresses=frozenset(addresses_of(box)), kinds=OF_OWNERS)


def addresses_of(box: Mailbox) -> set[str]:
    """Return the addresses whose mail a mailbox gets, and nobody else."""
    aliases = Alias.objects.filter(targets__target=box.address).prefetch_related("targets")
    own = {box.address, *(alias.address for alias in aliases if len(alias.targets.all()) == 1)}
    return own | set(MirroredAddress.objects.filter(target__in=own).values_list("address", flat=True))


def whose(addresses: Iterable[str]) -> dict[str, str]:
    """Return for addresses the one whose mailbox alone would get their mail: `addresses_of`, read the other way."""
    wanted = set(addresses)
    real = dict(MirroredAddress.objects.filter(address__in=wanted).values_list("address", "target"))
    behind = {address: real.get(address, address) for address in wanted}
    aliases = Alias.objects.filter(address__in=set(behind.values())).prefetch_related("targets")
    alone = {str(alias): targets[0].target for alias in aliases if len(targets := alias.targets.all()) == 1}
    return {address: alone.get(other, other) for address, other in behind.items()}


def without_tag(address: str) -> str:
    """Return the address that mail with a plus tag is for."""
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
