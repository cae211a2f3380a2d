"""Shared mailboxes: one that several people read and answer from their own, without a password that they share.

Who may do what is said here and nowhere else; relevo-sharing lays it down for Dovecot, Postfix reads `lookup_sender`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from relevo.directory import audit, mailboxes, passwords
from relevo.directory.addresses import own_address
from relevo.directory.database import changing
from relevo.directory.models import Mailbox
from relevo.directory.registry import find_domain
from relevo.directory.shared_models import Level, SharedMailbox, SharedMark, SharedMember
from relevo.errors import DirectoryError
from relevo.i18n import _

MOST_MEMBERS = 500
LISTS = {"readers": Level.READ, "writers": Level.WRITE, "managers": Level.MANAGE}  # each more than those before it


@changing
def add(
    address: str, *, name: str = "", quota_mb: int | None = None, enabled: bool = True, readers: Iterable[str] = (),
    writers: Iterable[str] = (), managers: Iterable[str] = (), senders: Iterable[str] = (),
) -> SharedMailbox:
    """Add a shared mailbox.

    Args:
        address: e.g. `info@example.org`, in one of our domains.
        name: what it is called.
        quota_mb: MiB, 0 for no limit; the domain's default when None.
        enabled: receives mail, and its members see it.
        readers: mailboxes of ours whose owners may read it.
        writers: ... may also mark, move and delete its mail.
        managers: ... may also make, rename and delete its folders.
        senders: those of all these who may send as it.
    """
    box = mailboxes.create(own_address(address), passwords.unusable(), name=name, quota_mb=quota_mb, enabled=enabled)
    SharedMark.objects.create(mailbox=box)
    levels = _levels({"readers": readers, "writers": writers, "managers": managers})
    _set_members(box, levels, list(senders))
    made = find(box.address)
    audit.record("shared.add", made.address, quota_mb=made.quota_mb, **told(made))
    return made


@changing
def change(
    address: str, *, name: str | None = None, quota_mb: int | None = None, enabled: bool | None = None,
    readers: Iterable[str] | None = None, writers: Iterable[str] | None = None, managers: Iterable[str] | None = None,
    senders: Iterable[str] | None = None,
) -> SharedMailbox:
    """Change what is given of a shared mailbox; each list replaces the one of before, and who is in two has the more.

    Who is in no list any more may not send as it either.
    """
    box = find(address)
    given = {"name": name, "quota_mb": quota_mb, "enabled": enabled}
    if own := {key: value for key, value in given.items() if value is not None}:
        mailboxes.change(box.address, **own)  # type: ignore[arg-type] # each of its own type
    lists = {"readers": readers, "writers": writers, "managers": managers}
    if any(value is not None for value in (*lists.values(), senders)):
        now = told(box)
        levels = _levels({key: now[key] if value is None else list(value) for key, value in lists.items()})
        may_send = [one for one in now["senders"] if one in levels] if senders is None else list(senders)
        _set_members(box, levels, may_send)
    changed = find(box.address)
    audit.record("shared.set", changed.address, **told(changed))
    return changed


@changing
def grant(address: str, member: str, level: str, *, may_send: bool = False) -> SharedMailbox:
    """Let one more person open a shared mailbox, or the same one do more or less than before."""
    if level not in Level.values:
        raise DirectoryError(_("{level!r}: a right is read, write or manage").format(level=level))
    box = find(address)
    _set_member(box, _members([member])[0], level, may_send=may_send)
    return _noted(box.address)


@changing
def withdraw(address: str, member: str) -> SharedMailbox:
    """Let a person neither open a shared mailbox nor send as it any more."""
    box = find(address)
    gone, _rows = box.shared_members.filter(member__address=str(own_address(member))).delete()
    if not gone:
        raise DirectoryError(_("{member} has no right to {address}").format(member=member, address=box))
    return _noted(box.address)


@changing
def remove(address: str, *, everywhere: bool = False) -> SharedMailbox:
    """Remove a shared mailbox as any mailbox: its mail and members stay until it is purged."""
    box = find(address)
    mailboxes.remove(box.address, everywhere=everywhere)
    return box


def find(text: str) -> SharedMailbox:
    """Return a shared mailbox."""
    address = own_address(text)
    if not (found := listing().filter(address=str(address)).first()):
        raise DirectoryError(_("there is no shared mailbox {address}").format(address=address))
    return found


def listing(*, domain: str = "") -> QuerySet[SharedMailbox]:
    """Return the shared mailboxes, with their members."""
    boxes = SharedMailbox.objects.filter(shared_mark__isnull=False, removed_at=None)
    if domain:
        boxes = boxes.filter(domain=find_domain(domain))
    return boxes.prefetch_related("domain", "shared_members__member")


def of_member(box: Mailbox) -> list[SharedMember]:
    """Return what the owner of a mailbox may open."""
    rows = box.memberships.filter(mailbox__enabled=True, mailbox__removed_at=None, mailbox__domain__enabled=True)
    return list(rows.select_related("mailbox").order_by("mailbox__address"))


def told(box: Mailbox) -> dict[str, list[str]]:
    """Return who may do what, by the names of `add`."""
    rows = sorted(box.shared_members.all(), key=lambda row: row.member.address)
    lists = {name: [row.member.address for row in rows if row.level == level] for name, level in LISTS.items()}
    return {**lists, "senders": [row.member.address for row in rows if row.may_send]}


def _noted(address: str) -> SharedMailbox:
    changed = find(address)
    audit.record("shared.set", changed.address, **told(changed))
    return changed


def _levels(lists: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return what each one may; who is in two lists has what the later one says."""
    return {
        str(own_address(text)): level for name, level in LISTS.items() for text in lists[name]
    }


def _set_members(box: Mailbox, levels: dict[str, str], senders: list[str]) -> None:
    may_send = {str(own_address(text)) for text in senders}
    if strangers := sorted(may_send - set(levels)):
        raise DirectoryError(
            _("who sends as {address} must be able to read it: name {member} among those who may read it, too")
            .format(member=strangers[0], address=box)
        )
    if len(levels) > MOST_MEMBERS:
        raise DirectoryError(_("at most {most} people share a mailbox").format(most=MOST_MEMBERS))
    people = _members(levels)
    box.shared_members.all().delete()
    SharedMember.objects.bulk_create(
        SharedMember(mailbox=box, member=one, level=levels[one.address], may_send=one.address in may_send)
        for one in people
    )


def _set_member(box: Mailbox, member: Mailbox, level: str, *, may_send: bool) -> None:
    SharedMember.objects.update_or_create(
        mailbox_id=box.pk, member=member, defaults={"level": level, "may_send": may_send}
    )


def _members(addresses: Iterable[str]) -> list[Mailbox]:
    """Return the mailboxes of people; raise DirectoryError when one is none, or is shared itself."""
    wanted = [str(own_address(text)) for text in addresses]
    people = Mailbox.objects.filter(address__in=wanted, hidden=False, removed_at=None, shared_mark=None)
    found = {box.address: box for box in people}
    if missing := [address for address in wanted if address not in found]:
        raise DirectoryError(
            _("nobody has the mailbox {address}: only who has one on this platform can open a shared one")
            .format(address=missing[0])
        )
    return [found[address] for address in wanted]
