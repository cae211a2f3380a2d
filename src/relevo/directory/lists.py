"""Distribution lists: an address whose mail goes to all members, if the sender may post."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from relevo.directory import audit, limits, mirror, moderation, system
from relevo.directory.addresses import any_address, own_address
from relevo.directory.database import changing
from relevo.directory.loops import require_no_loop
from relevo.directory.models import DistributionList, ListMember, ListSender, Moderation, PostPolicy
from relevo.directory.moderation_models import ListOwner
from relevo.directory.registry import domain_of, find_domain, require_free, require_unreferenced, targets
from relevo.errors import DirectoryError
from relevo.i18n import _


@changing
def add(
    address: str, members: Iterable[str] = (), *, name: str = "", policy: str = PostPolicy.DOMAIN,
    senders: Iterable[str] = (), moderated: str = Moderation.OFF, owners: Iterable[str] = (), enabled: bool = True,
) -> DistributionList:
    """Add a distribution list.

    Args:
        address: e.g. `all@example.org`, in one of our domains.
        members: addresses here or elsewhere.
        name: what the list is called.
        policy: who may post: `anyone`, `domain` (its own), `members`, or `named`.
        senders: who may post with `named`.
        moderated: whose posts wait for an owner: `off`, of `others` than those who may post, or of `all` but owners.
        owners: mailboxes of ours whose owners let posts through or refuse them.
        enabled: takes mail.
    """
    wanted = own_address(address)
    domain = domain_of(wanted)
    require_free(wanted)
    limits.require_list(domain)
    entry = DistributionList.objects.create(address=str(wanted), domain=domain, name=name)
    _set_members(entry, members)
    _set_policy(entry, policy, senders)
    moderation.settle(entry, moderated, owners)
    _set_enabled(entry, enabled=enabled)
    mirror.refresh(entry.address, domain)
    audit.record("list.add", entry.address, members=_members_of(entry), policy=policy, **_moderation_of(entry))
    return entry


@changing
def change(
    address: str, *, members: Iterable[str] | None = None, add_members: Iterable[str] = (), drop: Iterable[str] = (),
    name: str | None = None, policy: str | None = None, senders: Iterable[str] | None = None,
    moderated: str | None = None, owners: Iterable[str] | None = None, enabled: bool | None = None,
) -> DistributionList:
    """Change what is given of a list; `members` and `senders` replace, `add_members` and `drop` come after that."""
    entry = find(address)
    wanted = _members_of(entry) if members is None else list(members)
    gone = {text.strip().lower() for text in drop}
    _set_members(entry, [member for member in [*wanted, *add_members] if member not in gone])
    if name is not None:
        entry.name = name
        entry.save(update_fields=["name"])
    if policy is not None or senders is not None:
        _set_policy(entry, policy or entry.policy, _senders_of(entry) if senders is None else senders)
    if policy is not None or moderated is not None or owners is not None:
        moderation.settle(entry, moderated or entry.moderation, owners)
    if enabled is not None:
        _set_enabled(entry, enabled=enabled)
    mirror.refresh(entry.address, entry.domain)
    audit.record(
        "list.set", entry.address, members=_members_of(entry), policy=entry.policy, enabled=entry.enabled,
        **_moderation_of(entry),
    )
    return entry


@changing
def remove(address: str) -> None:
    """Remove a list."""
    entry = find(address)
    system.require_may_go(entry.address)
    require_unreferenced(entry.address)
    domain, text = entry.domain, entry.address
    entry.delete()
    system.ensure(domain)
    mirror.refresh(text, domain)
    audit.record("list.remove", text)


def find(text: str) -> DistributionList:
    """Return a list."""
    address = own_address(text)
    if not (entry := DistributionList.objects.select_related("domain").filter(address=str(address)).first()):
        raise DirectoryError(_("there is no list {address}").format(address=address))
    return entry


def listing(*, domain: str = "") -> QuerySet[DistributionList]:
    """Return the lists."""
    entries = DistributionList.objects.filter(domain=find_domain(domain)) if domain else DistributionList.objects.all()
    owners = Prefetch("owners", ListOwner.objects.select_related("mailbox"))
    return entries.prefetch_related("members", "senders", owners)


def _members_of(entry: DistributionList) -> list[str]:
    return list(entry.members.values_list("address", flat=True))


def _senders_of(entry: DistributionList) -> list[str]:
    return list(entry.senders.values_list("address", flat=True))


def _moderation_of(entry: DistributionList) -> dict[str, object]:
    """Return what the audit log has of it; nothing for a list that has never had to do with it."""
    owners = moderation.owners_of(entry)
    return {"moderated": entry.moderation, "owners": owners} if owners or entry.moderation != Moderation.OFF else {}


def _set_members(entry: DistributionList, members: Iterable[str]) -> None:
    found = targets(members, entry.address)
    entry.members.all().delete()
    ListMember.objects.bulk_create(ListMember(list=entry, address=address) for address in found)
    require_no_loop(entry.address)


def _set_policy(entry: DistributionList, policy: str, senders: Iterable[str]) -> None:
    if policy not in PostPolicy.values:
        raise DirectoryError(_("{policy!r}: who may post is anyone, domain, members or named").format(policy=policy))
    named = dict.fromkeys(str(any_address(text)) for text in senders)
    if (policy == PostPolicy.NAMED) != bool(named):
        raise DirectoryError(
            _("{address}: the policy 'named' needs the addresses that may post, and no other policy has any")
            .format(address=entry)
        )
    if policy != PostPolicy.ANYONE:
        system.require_may_close(entry.address)
        require_unreferenced(entry.address)  # mail that comes by an alias would pass the check of who posts
    entry.policy = policy
    entry.save(update_fields=["policy"])
    entry.senders.all().delete()
    ListSender.objects.bulk_create(ListSender(list=entry, address=address) for address in named)


def _set_enabled(entry: DistributionList, *, enabled: bool) -> None:
    if not enabled:
        system.require_may_close(entry.address)
    entry.enabled = enabled
    entry.save(update_fields=["enabled"])
