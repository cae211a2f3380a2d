"""The addresses of alias domains, kept as rows: one for each address that receives in the real domain.

A plain `@alias.example -> @real.example` in Postfix's virtual_alias_maps would accept every name in the alias domain at
SMTP time, and bounce the unknown ones to forged senders afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from relevo.directory.models import Alias, DistributionList, Domain, Mailbox, MirroredAddress

_BATCH = 1000


def refresh(address: str, domain: Domain) -> None:
    """Bring the mirrored addresses of one address up to date, after it came, went, or was switched on or off."""
    refresh_all([address], domain)


def refresh_all(addresses: Collection[str], domain: Domain) -> None:
    """Do the same for several addresses of one domain."""
    MirroredAddress.objects.filter(target__in=addresses).delete()
    if others := list(domain.alias_domains.all()):  # asked first: most domains have none
        MirroredAddress.objects.bulk_create(
            MirroredAddress(domain=other, address=f"{address.rpartition('@')[0]}@{other.name}", target=address)
            for address in _receiving(domain, addresses) for other in others
        )


def rebuild(alias_domain: Domain) -> None:
    """Make all mirrored addresses of an alias domain anew."""
    alias_domain.mirrored.all().delete()
    if not (real := alias_domain.alias_of):
        return
    MirroredAddress.objects.bulk_create(
        (
            MirroredAddress(
                domain=alias_domain, address=f"{address.rpartition('@')[0]}@{alias_domain.name}", target=address
            )
            for address in _receiving(real)
        ),
        batch_size=_BATCH,
    )


def _receiving(domain: Domain, addresses: Collection[str] = ()) -> set[str]:
    """Return those of the addresses, or of all in a domain, to which mail can be sent."""
    only = {"address__in": addresses} if addresses else {}
    found = (
        Mailbox.objects.filter(domain=domain, enabled=True, removed_at=None, **only).values_list("address", flat=True),
        Alias.objects.filter(domain=domain, enabled=True, **only).values_list("address", flat=True),
        DistributionList.objects.filter(domain=domain, enabled=True, **only).values_list("address", flat=True),
    )
    return set(chain.from_iterable(found))
