"""Administrators: who may log in to the administration on the web, and what each of them sees and changes there."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from relevo.directory import audit, guards, passwords
from relevo.directory.addresses import any_address
from relevo.directory.database import changing
from relevo.directory.models import Administrator, Domain, Role
from relevo.directory.registry import find_domain
from relevo.errors import DirectoryError
from relevo.i18n import _


@changing
def add(
    address: str, password: str, *, role: str = Role.DOMAIN, domains: Iterable[str] = (), enabled: bool = True
) -> Administrator:
    """Add an administrator.

    Args:
        address: what they log in with, here or elsewhere; a mailbox at it has a password of its own.
        password: in plain; it must be strong enough (see passwords.py).
        role: `global` sees and changes everything, `domain` only what is in `domains`.
        domains: names of domains of ours, at least one with the role `domain`.
        enabled: may log in.
    """
    wanted = str(any_address(address))
    if Administrator.objects.filter(address=wanted).exists():
        raise DirectoryError(_("there is an administrator {address} already").format(address=wanted))
    passwords.require_strong(password, wanted)
    made = Administrator.objects.create(
        address=wanted, password=passwords.hash_password(password), role=_role(role), enabled=enabled
    )
    _set_domains(made, domains)
    audit.record("admin.add", made.address, role=made.role, domains=_names(made), enabled=enabled)
    return made


@changing
def change(
    address: str, *, role: str | None = None, domains: Iterable[str] | None = None, enabled: bool | None = None
) -> Administrator:
    """Change what is given of an administrator; `domains` replaces all. Who is switched off is logged out at once."""
    found = find(address)
    found.role = found.role if role is None else _role(role)
    found.enabled = found.enabled if enabled is None else enabled
    if not (found.is_global and found.enabled):
        _require_another(found)
    found.save(update_fields=["role", "enabled"])
    if domains is not None or role is not None:
        _set_domains(found, _names(found) if domains is None and not found.is_global else domains or ())
    audit.record("admin.set", found.address, role=found.role, domains=_names(found), enabled=found.enabled)
    return found


@changing
def set_password(address: str, password: str) -> Administrator:
    """Give an administrator another password; whoever is logged in with the old one is logged out."""
    found = find(address)
    passwords.require_strong(password, found.address)
    found.password = passwords.hash_password(password)
    found.save(update_fields=["password"])
    audit.record("admin.password", found.address)
    return found


@changing
def remove(address: str, *, last: bool = False) -> None:
    """Remove an administrator, who is logged out at once; the audit log keeps what they did.

    Args:
        address: of an administrator.
        last: also when nobody is left who lets people in on the web; for who can still add one by command.
    """
    found = find(address)
    if not last:
        _require_another(found)
    audit.record("admin.remove", found.address)
    found.delete()


def find(text: str) -> Administrator:
    """Return an administrator."""
    address = str(any_address(text))
    if not (found := Administrator.objects.filter(address=address).first()):
        raise DirectoryError(_("there is no administrator {address}").format(address=address))
    return found


def listing() -> QuerySet[Administrator]:
    """Return the administrators."""
    return Administrator.objects.select_related("app").prefetch_related("domains", "security_keys")


def _role(text: str) -> str:
    if text not in Role.values:
        raise DirectoryError(_("{role!r}: an administrator's role is global or domain").format(role=text))
    return text


def _set_domains(administrator: Administrator, names: Iterable[str]) -> None:
    found: list[Domain] = [find_domain(name) for name in names]
    if administrator.is_global and found:
        raise DirectoryError(
            _("{address} is a global administrator, for all domains: name none").format(address=administrator)
        )
    if not administrator.is_global and not found:
        raise DirectoryError(
            _("{address} needs at least one domain, or the role global").format(address=administrator)
        )
    administrator.domains.set(found)


def _names(administrator: Administrator) -> list[str]:
    return list(administrator.domains.values_list("name", flat=True))


def _require_another(administrator: Administrator) -> None:
    """Raise DirectoryError when nobody else could let people in.

    Two administrators who remove each other at once write different rows, so on two nodes both could pass: the guard is
    what both write. It is held before the others are looked at, and these are locked until this is done.
    """
    guards.hold(guards.ADMINISTRATORS)
    working = Administrator.objects.select_for_update().filter(role=Role.GLOBAL, enabled=True)
    if {found.pk for found in working} == {administrator.pk}:
        raise DirectoryError(
            _("{address} is the last global administrator who can log in: add another one first")
            .format(address=administrator)
        )
