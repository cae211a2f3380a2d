"""Aliases: an address that stands for others."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from relevo.directory import audit, limits, mirror, system
from relevo.directory.addresses import own_address
from relevo.directory.database import changing
from relevo.directory.loops import require_no_loop
from relevo.directory.models import Alias, AliasTarget
from relevo.directory.registry import domain_of, find_domain, require_free, require_unreferenced, targets
from relevo.errors import DirectoryError
from relevo.i18n import _


@changing
def add(address: str, to: Iterable[str], *, enabled: bool = True) -> Alias:
    """Add an alias whose mail goes to all of `to`; owners of target mailboxes may send as the alias."""
    wanted = own_address(address)
    domain = domain_of(wanted)
    require_free(wanted)
    limits.require_alias(domain)
    alias = Alias.objects.create(address=str(wanted), domain=domain)
    _set_targets(alias, to)
    _set_enabled(alias, enabled=enabled)
    mirror.refresh(alias.address, domain)
    audit.record("alias.add", alias.address, to=_targets_of(alias), enabled=enabled)
    return alias


@changing
def change(
    address: str, *, to: Iterable[str] | None = None, add_to: Iterable[str] = (), drop: Iterable[str] = (),
    enabled: bool | None = None,
) -> Alias:
    """Change an alias: `to` replaces its targets, `add_to` and `drop` are applied after that."""
    alias = find(address)
    wanted = _targets_of(alias) if to is None else list(to)
    gone = {text.strip().lower() for text in drop}
    _set_targets(alias, [target for target in [*wanted, *add_to] if target not in gone])
    if enabled is not None:
        _set_enabled(alias, enabled=enabled)
    alias.automatic = False
    alias.save()
    mirror.refresh(alias.address, alias.domain)
    audit.record("alias.set", alias.address, to=_targets_of(alias), enabled=alias.enabled)
    return alias


@changing
def remove(address: str) -> None:
    """Remove an alias; postmaster and abuse get their automatic ones back."""
    alias = find(address)
    domain, text = alias.domain, alias.address
    system.require_may_go(text)
    if alias.automatic:
        system.require_may_close(text)
    if not system.is_system(text):
        require_unreferenced(text)
    alias.delete()
    system.ensure(domain)
    mirror.refresh(text, domain)
    audit.record("alias.remove", text)


def find(text: str) -> Alias:
    """Return an alias."""
    address = own_address(text)
    if not (alias := Alias.objects.select_related("domain").filter(address=str(address)).first()):
        raise DirectoryError(_("there is no alias {address}").format(address=address))
    return alias


def listing(*, domain: str = "") -> QuerySet[Alias]:
    """Return the aliases."""
    aliases = Alias.objects.filter(domain=find_domain(domain)) if domain else Alias.objects.all()
    return aliases.prefetch_related("targets")


def _targets_of(alias: Alias) -> list[str]:
    return list(alias.targets.values_list("target", flat=True))


def _set_targets(alias: Alias, to: Iterable[str]) -> None:
    found = targets(to, alias.address)
    if not found:
        raise DirectoryError(
            _("{address} needs at least one address to send its mail to; `relevo alias remove {address}` takes it away")
            .format(address=alias)
        )
    alias.targets.all().delete()
    AliasTarget.objects.bulk_create(AliasTarget(alias=alias, target=target) for target in found)
    require_no_loop(alias.address)


def _set_enabled(alias: Alias, *, enabled: bool) -> None:
    if not enabled:
        system.require_may_close(alias.address)
    alias.enabled = enabled
    alias.save(update_fields=["enabled"])
