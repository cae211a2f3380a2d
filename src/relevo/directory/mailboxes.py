"""Mailboxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from relevo.directory import audit, hooks, limits, mirror, moderation, passwords, system
from relevo.directory.addresses import Address, own_address
from relevo.directory.database import changing
from relevo.directory.loops import require_no_loop
from relevo.directory.models import AliasTarget, Domain, Forward, ListMember, Mailbox
from relevo.directory.registry import (
    domain_of,
    find_domain,
    find_mailbox,
    leading_to,
    require_all_free,
    require_free,
    require_unreferenced,
    targets,
)
from relevo.directory.shared_models import SharedMark
from relevo.errors import DirectoryError
from relevo.i18n import _


@changing
def add(
    address: str, password: str, *, name: str = "", quota_mb: int | None = None, enabled: bool = True,
    forward: Iterable[str] = (), keep_copy: bool = True,
) -> Mailbox:
    """Add a mailbox.

    Args:
        address: e.g. `ana@example.org`, in one of our domains.
        password: in plain; it must be strong enough (see passwords.py).
        name: the person's, for lists and address books.
        quota_mb: MiB, 0 for no limit; the domain's default when None.
        enabled: receives mail and lets its owner log in.
        forward: addresses that its mail goes on to.
        keep_copy: what is forwarded stays in the mailbox too.
    """
    wanted = own_address(address)
    passwords.require_strong(password, str(wanted))
    return add_hashed(
        address, passwords.hash_password(password), name=name, quota_mb=quota_mb, enabled=enabled, forward=forward,
        keep_copy=keep_copy,
    )


@changing
def add_hashed(
    address: str, password_hash: str, *, name: str = "", quota_mb: int | None = None, enabled: bool = True,
    forward: Iterable[str] = (), keep_copy: bool = True,
) -> Mailbox:
    """Add a mailbox with the hash of its password, as Dovecot reads it; the rest is as with `add`."""
    box = create(own_address(address), password_hash, name=name, quota_mb=quota_mb, enabled=enabled)
    if not keep_copy:
        box.keep_copy = False
        box.save(update_fields=["keep_copy"])
    if forward := list(forward):
        _set_forward(box, forward)
    audit.record("mailbox.add", box.address, quota_mb=box.quota_mb, enabled=enabled)
    return box


def create(
    address: Address, password_hash: str, *, name: str = "", quota_mb: int | None = None, enabled: bool = True,
    hidden: bool = False,
) -> Mailbox:
    """Make the rows of a mailbox, within the caller's transaction; `hidden` ones don't count for a domain's limit."""
    new = New(address, password_hash, name=name, quota_mb=quota_mb, enabled=enabled)
    return _create_all([new], hidden=hidden)[0]


@dataclass(frozen=True)
class New:
    """A mailbox that is to be made; the rest is as with `add_hashed`."""

    address: Address
    password_hash: str = field(repr=False)
    name: str = ""
    quota_mb: int | None = None
    enabled: bool = True


@changing
def add_all(wanted: Sequence[New]) -> None:
    """Add several mailboxes with some questions to the database for all of them; none when one can't be added."""
    boxes = _create_all(wanted)
    audit.record_all("mailbox.add", {box.address: {"quota_mb": box.quota_mb, "enabled": box.enabled} for box in boxes})


def _create_all(wanted: Sequence[New], *, hidden: bool = False) -> list[Mailbox]:
    one_of_each = {new.address.domain: new.address for new in wanted}
    domains = {name: domain_of(address) for name, address in one_of_each.items()}
    require_all_free([new.address for new in wanted], of_removed=True)
    for new in wanted:
        if not new.enabled:
            system.require_may_close(str(new.address))
    boxes = [_row(new, domains[new.address.domain], hidden=hidden) for new in wanted]
    for domain in domains.values():
        if not hidden:
            limits.require_mailboxes(domain, [box.quota_mb for box in boxes if box.domain == domain])
    Mailbox.objects.bulk_create(boxes)
    for domain in domains.values():
        mirror.refresh_all([box.address for box in boxes if box.domain == domain], domain)
    for box in boxes:
        hooks.account_changed(box.address)  # Dovecot also remembers who does not exist
    return boxes


def _row(new: New, domain: Domain, *, hidden: bool) -> Mailbox:
    return Mailbox(
        domain=domain, local_part=new.address.local_part, address=str(new.address), password=new.password_hash,
        name=new.name, quota_mb=default_quota(domain) if new.quota_mb is None else new.quota_mb, enabled=new.enabled,
        hidden=hidden,
    )


@changing
def change(
    address: str, *, name: str | None = None, quota_mb: int | None = None, enabled: bool | None = None,
    forward: Iterable[str] | None = None, keep_copy: bool | None = None,
) -> Mailbox:
    """Change what is given of a mailbox; `forward` replaces all addresses, an empty one ends the forwarding."""
    box = find_mailbox(address)
    if enabled is False:
        system.require_may_close(box.address)
    if quota_mb is not None:
        limits.require_quota(box, quota_mb)
    given = {"name": name, "quota_mb": quota_mb, "enabled": enabled, "keep_copy": keep_copy}
    changes: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    for key, value in changes.items():
        setattr(box, key, value)
    box.save()
    if forward is not None:
        changes["forward"] = _set_forward(box, forward)
    mirror.refresh(box.address, box.domain)
    audit.record("mailbox.set", box.address, **changes)
    hooks.account_changed(box.address, lost=enabled is False)
    return box


@changing
def set_password(address: str, password: str) -> None:
    """Give a mailbox another password."""
    box = find_mailbox(address)
    if SharedMark.objects.filter(mailbox=box).exists():
        raise DirectoryError(
            _("nobody logs in to {address}, which is shared: `relevo shared grant {address} NAME` lets people open it")
            .format(address=box)
        )
    passwords.require_strong(password, box.address)
    box.password = passwords.hash_password(password)
    box.save(update_fields=["password"])
    audit.record("mailbox.password", box.address)
    hooks.account_changed(box.address)


@changing
def remove(address: str, *, everywhere: bool = False) -> Mailbox:
    """Remove a mailbox: it receives nothing and nobody can log in, its mail stays until it is purged.

    Args:
        address: of a mailbox.
        everywhere: take it out of aliases, lists and forwarding first, instead of refusing when it is in one.
    """
    box = find_mailbox(address)
    system.require_may_go(box.address)
    if everywhere:
        _take_out(box.address)
    require_unreferenced(box.address)
    moderation.require_not_needed(box)
    box.removed_at = timezone.now()
    box.save(update_fields=["removed_at"])
    mirror.refresh(box.address, box.domain)
    system.ensure(box.domain)
    audit.record("mailbox.remove", box.address)
    hooks.account_changed(box.address, lost=True)
    return box


@changing
def restore(address: str) -> Mailbox:
    """Bring a removed mailbox back with its mail, password and forwarding."""
    box = find_mailbox(address, removed=True)
    require_free(own_address(box.address))
    limits.require_mailboxes(box.domain, [box.quota_mb])
    box.removed_at = None
    box.save(update_fields=["removed_at"])
    _set_forward(box, [forward.target for forward in box.forwards.all()])
    mirror.refresh(box.address, box.domain)
    audit.record("mailbox.restore", box.address)
    hooks.account_changed(box.address)
    return box


def listing(*, domain: str = "", removed: bool = False) -> QuerySet[Mailbox]:
    """Return the mailboxes that people have, or those that are removed and not purged; shared ones only among these."""
    boxes = Mailbox.objects.filter(hidden=False, removed_at__isnull=not removed)
    if not removed:
        boxes = boxes.filter(shared_mark=None)
    if domain:
        boxes = boxes.filter(domain=find_domain(domain))
    return boxes.select_related("choice").prefetch_related("forwards", "app_passwords")


def _set_forward(box: Mailbox, forward: Iterable[str]) -> list[str]:
    found = targets(forward, box.address)
    box.forwards.all().delete()
    Forward.objects.bulk_create(Forward(mailbox=box, target=target) for target in found)
    require_no_loop(box.address)
    return found


def default_quota(domain: Domain) -> int:
    """Return the MiB of a mailbox that is made without a quota."""
    if domain.default_quota_mb is not None:
        return domain.default_quota_mb
    return int(settings.RELEVO_DEFAULT_QUOTA_MB)


def _take_out(address: str) -> None:
    """Take an address out of lists, forwarding, and the aliases that have another target."""
    ListMember.objects.filter(leading_to("address", address)).delete()
    Forward.objects.filter(leading_to("target", address)).delete()
    for row in AliasTarget.objects.filter(leading_to("target", address)).select_related("alias"):
        if row.alias.targets.count() > 1:
            row.delete()
