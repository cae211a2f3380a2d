"""The addresses that every domain must have: mail to postmaster and abuse always arrives (RFC 5321 4.5.1, RFC 2142)."""

from __future__ import annotations

from django.conf import settings

from relevo.directory import mirror
from relevo.directory.models import Alias, AliasTarget, Domain
from relevo.directory.registry import existing
from relevo.errors import DirectoryError
from relevo.i18n import _

LOCAL_PARTS = ("postmaster", "abuse")


def is_system(address: str) -> bool:
    """Tell whether an address is one that must always arrive."""
    return address.partition("@")[0] in LOCAL_PARTS or address == settings.RELEVO_POSTMASTER


def require_may_close(address: str) -> None:
    """Raise DirectoryError for an address that must always arrive, and is about to be closed to some or all senders."""
    if is_system(address):
        raise DirectoryError(
            _("mail to {address} must always arrive: give it other targets or an open list instead of closing it")
            .format(address=address)
        )


def require_may_go(address: str) -> None:
    """Raise DirectoryError for the platform's postmaster, at whom the automatic aliases of all domains point."""
    if address == settings.RELEVO_POSTMASTER:
        raise DirectoryError(
            _("{address} is this platform's postmaster: name another in [cluster] of relevo.toml and apply that first")
            .format(address=address)
        )


def ensure(domain: Domain) -> None:
    """Give a domain an automatic alias to the platform's postmaster for each system address that nothing stands at."""
    if domain.alias_of:
        return
    for local_part in LOCAL_PARTS:
        _ensure(domain, f"{local_part}@{domain.name}")


def missing() -> list[Domain]:
    """Return the domains whose system addresses are not as `ensure` would have them."""
    domains = Domain.objects.filter(alias_of=None)
    wanted = {f"{local_part}@{domain.name}": domain for domain in domains for local_part in LOCAL_PARTS}
    elsewhere = AliasTarget.objects.filter(alias__automatic=True).exclude(target=settings.RELEVO_POSTMASTER)
    wrong = set(elsewhere.values_list("alias__address", flat=True))
    wrong |= wanted.keys() - existing(wanted) - {settings.RELEVO_POSTMASTER}
    return list(dict.fromkeys(domain for address, domain in wanted.items() if address in wrong))


def _ensure(domain: Domain, address: str) -> None:
    if not _wanting(address):
        return
    alias, _made = Alias.objects.get_or_create(address=address, defaults={"domain": domain, "automatic": True})
    alias.targets.all().delete()
    AliasTarget.objects.create(alias=alias, target=settings.RELEVO_POSTMASTER)
    mirror.refresh(address, domain)


def _wanting(address: str) -> bool:
    """Tell whether an address lacks its automatic alias, or has one that points elsewhere."""
    if address == settings.RELEVO_POSTMASTER:
        return False
    if alias := Alias.objects.filter(address=address, automatic=True).first():
        return list(alias.targets.values_list("target", flat=True)) != [settings.RELEVO_POSTMASTER]
    return not existing({address})
