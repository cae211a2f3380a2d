"""What exists at an address of ours, and who refers to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q

from relevo.directory import guards
from relevo.directory.addresses import Address, any_address, domain_name, own_address
from relevo.directory.models import (
    Alias,
    AliasTarget,
    DistributionList,
    Domain,
    Forward,
    ListMember,
    Mailbox,
    MirroredAddress,
    Moderation,
    PostPolicy,
)
from relevo.errors import DirectoryError
from relevo.i18n import _

OPEN = Q(policy=PostPolicy.ANYONE, moderation=Moderation.OFF)  # lists to which everybody may post, without asking


def domain_of(address: Address) -> Domain:
    """Return the domain in which an address of ours is to be made; one of its own, not an alias domain."""
    domain = find_domain(address.domain)
    if domain.alias_of:
        raise DirectoryError(
            _("{domain} is an alias domain: add {local}@{real} there and it will have {address} as well")
            .format(domain=domain, local=address.local_part, real=domain.alias_of, address=address)
        )
    return domain


def find_domain(name: str) -> Domain:
    """Return one of our domains; raise DirectoryError when it is not."""
    wanted = domain_name(name)
    if not (domain := Domain.objects.select_related("alias_of").filter(name=wanted).first()):
        raise DirectoryError(
            _("there is no domain {domain}: `relevo domain add {domain}` makes it").format(domain=wanted)
        )
    return domain


def find_mailbox(text: str, *, removed: bool = False) -> Mailbox:
    """Return a mailbox that stands, or with `removed` one that has been removed and not purged."""
    address = own_address(text)
    box = Mailbox.objects.select_related("domain").filter(address=str(address), hidden=False).first()
    if not box:
        raise DirectoryError(_("there is no mailbox {address}").format(address=address))
    if box.removed_at and not removed:
        raise _removed(box)
    if removed and not box.removed_at:
        raise DirectoryError(
            _("{address} is in use: `relevo mailbox remove {address}` comes first").format(address=address)
        )
    return box


def require_free(address: Address, *, of_removed: bool = False) -> None:
    """Raise DirectoryError when an address is taken; an automatic alias makes room.

    `of_removed`: also when the mail of a removed mailbox still lies there. Each table keeps its own addresses apart;
    that nobody on the other node gives the same one to an entry of another kind just now is a matter of the guard.
    """
    require_all_free([address], of_removed=of_removed)


def require_all_free(addresses: Collection[Address], *, of_removed: bool = False) -> None:
    """Raise DirectoryError when one of the addresses is taken; the rest is as with `require_free`."""
    for domain in sorted({address.domain for address in addresses}):
        guards.hold(f"addresses of {domain}")
    wanted = [str(address) for address in addresses]
    for box in Mailbox.objects.filter(address__in=wanted):
        if not box.removed_at:
            raise DirectoryError(_("there is a mailbox {address} already").format(address=box))
        if of_removed:
            raise _removed(box)
    if found := DistributionList.objects.filter(address__in=wanted).first():
        raise DirectoryError(_("there is a list {address} already").format(address=found))
    for alias in Alias.objects.filter(address__in=wanted):
        if not alias.automatic:
            raise DirectoryError(_("there is an alias {address} already").format(address=alias))
        alias.delete()


def targets(texts: Iterable[str], own: str) -> list[str]:
    """Return addresses that mail of `own` may go to, each once: elsewhere, or existing ones of our domains."""
    found = list(dict.fromkeys(any_address(text) for text in texts))
    if own in {str(address) for address in found}:
        raise DirectoryError(_("mail would run in a circle: {loop}").format(loop=f"{own} → {own}"))
    ours = set(Domain.objects.filter(name__in={a.domain for a in found}).values_list("name", flat=True))
    inside = [address for address in found if address.domain in ours]
    have = existing({address.without_tag for address in inside})
    _require_not_ours(have)
    for address in inside:
        if address.without_tag not in have and not _has_catch_all(address.domain):
            raise DirectoryError(
                _("there is no mailbox, alias or list {address}: add it first").format(address=address.without_tag)
            )
    _require_open([address.without_tag for address in inside])
    return [str(address) for address in found]


def existing(addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses that something stands at: mailbox, alias, list, or an alias domain's address."""
    wanted = set(addresses)
    return {
        *Mailbox.objects.filter(address__in=wanted, removed_at=None).values_list("address", flat=True),
        *Alias.objects.filter(address__in=wanted).values_list("address", flat=True),
        *DistributionList.objects.filter(address__in=wanted).values_list("address", flat=True),
        *MirroredAddress.objects.filter(address__in=wanted).values_list("address", flat=True),
    }


def leading_to(field: str, address: str) -> Q:
    """Return the condition that a column leads to an address of ours: with a plus tag too, or in an alias domain."""
    found = Q()
    for name in (address, *MirroredAddress.objects.filter(target=address).values_list("address", flat=True)):
        local_part, _at, domain = name.rpartition("@")
        found |= Q((field, name)) | Q((f"{field}__startswith", f"{local_part}+"), (f"{field}__endswith", f"@{domain}"))
    return found


def referrers(address: str) -> list[str]:
    """Return in words who sends mail on to an address of ours."""
    to_target, to_member = leading_to("target", address), leading_to("address", address)
    aliases = AliasTarget.objects.filter(to_target).values_list("alias__address", flat=True)
    lists = ListMember.objects.filter(to_member).values_list("list__address", flat=True)
    forwards = Forward.objects.filter(to_target, mailbox__removed_at=None)
    boxes = forwards.values_list("mailbox__address", flat=True)
    domains = Domain.objects.filter(leading_to("catch_all", address)).values_list("name", flat=True)
    return [
        *(_("alias {name}").format(name=name) for name in aliases),
        *(_("list {name}").format(name=name) for name in lists),
        *(_("forwarding of {name}").format(name=name) for name in boxes),
        *(_("catch-all of {name}").format(name=name) for name in domains),
    ]


def require_unreferenced(address: str) -> None:
    """Raise DirectoryError when something sends mail on to an address that is about to go."""
    if found := referrers(address):
        raise DirectoryError(
            _("mail is still sent on to {address} by: {names}; change these first")
            .format(address=address, names=", ".join(found))
        )


def is_open(entry: DistributionList) -> bool:
    """Tell whether everybody may post to a list, without asking: OPEN, of a row that is at hand."""
    return entry.policy == PostPolicy.ANYONE and entry.moderation == Moderation.OFF


def _require_not_ours(addresses: set[str]) -> None:
    """Raise DirectoryError when one is a mailbox of the platform's own, e.g. the quarantine."""
    if box := Mailbox.objects.filter(address__in=addresses, hidden=True).first():
        raise DirectoryError(_("{address} is the platform's own: nothing can send mail on to it").format(address=box))


def _require_open(addresses: list[str]) -> None:
    real = dict(MirroredAddress.objects.filter(address__in=addresses).values_list("address", "target"))
    wanted = {real.get(address, address) for address in addresses}
    closed = DistributionList.objects.filter(address__in=wanted).exclude(OPEN).first()
    if closed:
        raise DirectoryError(
            _("only some may post to the list {address}, so nothing can send mail on to it: name its members instead")
            .format(address=closed)
        )


def _has_catch_all(name: str) -> bool:
    domain = Domain.objects.select_related("alias_of").get(name=name)
    return bool((domain.alias_of or domain).catch_all)


def _removed(box: Mailbox) -> DirectoryError:
    return DirectoryError(
        _(
            "{address} was removed on {day} and still has its mail: `relevo mailbox restore {address}` brings it back, "
            "`relevo mailbox purge {address}` deletes it for good"
        ).format(address=box, day=f"{box.removed_at:%Y-%m-%d}")
    )
