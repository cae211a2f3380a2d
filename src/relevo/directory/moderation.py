"""Lists that hold posts: whose posts wait, and who looks after the list.

A post waits because the list's address leads to where posts wait (`held_at`). Whoever may post is led past that by the
filter, to `members_at`; whatever goes wrong there holds a post, and never lets one through (docs/decisions/0017).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from relevo.cluster.wires import MEMBERS_TAG, held_mailbox
from relevo.directory import system
from relevo.directory.addresses import own_address
from relevo.directory.models import DistributionList, Mailbox, Moderation, PostPolicy
from relevo.directory.moderation_models import ListOwner
from relevo.directory.registry import require_unreferenced
from relevo.errors import DirectoryError
from relevo.i18n import _

MOST_OWNERS = 20  # each gets a mail


def settle(entry: DistributionList, moderated: str, owners: Iterable[str] | None) -> None:
    """Set whose posts wait, and with `owners` who looks after the list, within the caller's transaction."""
    if moderated not in Moderation.values:
        raise DirectoryError(_("{value!r}: whose posts wait is off, others or all").format(value=moderated))
    if owners is not None:
        _set_owners(entry, owners)
    if moderated != Moderation.OFF:
        _require_sense(entry, moderated)
        system.require_may_close(entry.address)
        require_unreferenced(entry.address)  # what comes by an alias would wait, whoever sends it
    entry.moderation = moderated
    entry.held_at, entry.members_at = ("", "") if moderated == Moderation.OFF else _ways(entry)
    entry.save(update_fields=["moderation", "held_at", "members_at"])


def owners_of(entry: DistributionList) -> list[str]:
    """Return who looks after a list; a removed mailbox's owner does not."""
    return sorted(row.mailbox.address for row in entry.owners.all() if not row.mailbox.removed_at)


def require_not_needed(box: Mailbox) -> None:
    """Raise DirectoryError when a list that holds posts would be without an owner if a mailbox went."""
    for row in box.owned_lists.exclude(list__moderation=Moderation.OFF).select_related("list"):
        if owners_of(row.list) == [box.address]:
            raise DirectoryError(
                _("{address} is the only owner of the list {list}, whose posts wait for one: name another one first")
                .format(address=box, list=row.list)
            )


def _set_owners(entry: DistributionList, owners: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(str(own_address(text)) for text in owners))
    if len(wanted) > MOST_OWNERS:
        raise DirectoryError(_("at most {most} people look after a list").format(most=MOST_OWNERS))
    people = Mailbox.objects.filter(address__in=wanted, hidden=False, removed_at=None, shared_mark=None)
    found = {box.address: box for box in people}
    if missing := [address for address in wanted if address not in found]:
        raise DirectoryError(
            _("nobody has the mailbox {address}: only who has one on this platform can look after a list")
            .format(address=missing[0])
        )
    entry.owners.all().delete()
    ListOwner.objects.bulk_create(ListOwner(list=entry, mailbox=found[address]) for address in wanted)


def _require_sense(entry: DistributionList, moderated: str) -> None:
    if moderated == Moderation.OTHERS and entry.policy == PostPolicy.ANYONE:
        raise DirectoryError(
            _("anyone may post to {address}, so no post would wait: hold all posts, or let only some post")
            .format(address=entry)
        )
    if not owners_of(entry):
        raise DirectoryError(
            _("{address} needs an owner who lets posts through that wait: name at least one").format(address=entry)
        )


def _ways(entry: DistributionList) -> tuple[str, str]:
    """Return where its address leads, and the address by which mail goes on to its members."""
    local_part, _at, domain = held_mailbox(settings.RELEVO_DOMAIN).partition("@")
    own, _at, own_domain = entry.address.partition("@")
    return f"{local_part}+{entry.pk}@{domain}", f"{own}{MEMBERS_TAG}@{own_domain}"
