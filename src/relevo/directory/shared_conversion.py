"""A mailbox of one person becomes a shared one, or one again; its mail and its address stay where they are.

What a shared mailbox does not have ends at that moment: the password, app passwords, the second factor, and whoever is
logged in.
"""

from __future__ import annotations

from collections.abc import Iterable

from relevo.directory import audit, hooks, passwords, shared
from relevo.directory.database import changing
from relevo.directory.models import Administrator, Mailbox
from relevo.directory.owner_models import OwnerApp
from relevo.directory.registry import find_mailbox
from relevo.directory.shared_models import SharedMailbox, SharedMark
from relevo.errors import DirectoryError
from relevo.i18n import _


@changing
def share(
    address: str, *, readers: Iterable[str] = (), writers: Iterable[str] = (), managers: Iterable[str] = (),
    senders: Iterable[str] = (),
) -> SharedMailbox:
    """Make a mailbox a shared one; who may do what is as with `shared.add`."""
    box = find_mailbox(address)
    _require_may_be_shared(box)
    box.app_passwords.all().delete()
    box.recovery_codes.all().delete()
    OwnerApp.objects.filter(mailbox=box).delete()
    _lock(box)
    SharedMark.objects.create(mailbox=box)
    audit.record("shared.from_mailbox", box.address)
    hooks.account_changed(box.address, lost=True)
    return shared.change(box.address, readers=readers, writers=writers, managers=managers, senders=senders)


@changing
def unshare(address: str) -> Mailbox:
    """Make a shared mailbox one person's: nobody opens it from theirs any more, and it waits for a password."""
    box = shared.find(address)
    box.shared_members.all().delete()
    SharedMark.objects.filter(mailbox_id=box.pk).delete()
    _lock(box)
    audit.record("shared.to_mailbox", box.address)
    hooks.account_changed(box.address, lost=True)
    return find_mailbox(box.address)


def _lock(box: Mailbox) -> None:
    """Give it a password that nobody knows: sessions of the portal end with the old one."""
    box.password = passwords.unusable()
    box.save(update_fields=["password"])


def _require_may_be_shared(box: Mailbox) -> None:
    """Raise DirectoryError, saying what comes first, where somebody relies on its having one owner."""
    if SharedMark.objects.filter(mailbox=box).exists():
        raise DirectoryError(_("{address} is a shared mailbox already").format(address=box))
    if owned := list(box.owned_lists.values_list("list__address", flat=True)):
        raise DirectoryError(
            _("{address} looks after the list {list}, which one person must: name another owner there first")
            .format(address=box, list=", ".join(owned))
        )
    if others := list(box.memberships.values_list("mailbox__address", flat=True)):
        raise DirectoryError(
            _("{address} opens the shared mailbox {others}, and a shared one can't: withdraw that first")
            .format(address=box, others=", ".join(others))
        )
    if forwarded := list(box.forwards.values_list("target", flat=True)):
        raise DirectoryError(
            _("{address} forwards its mail to {others}, as its owner wished: end the forwarding first")
            .format(address=box, others=", ".join(forwarded))
        )
    if Administrator.objects.filter(address=box.address).exists():
        raise DirectoryError(
            _("{address} is an administrator's address, whose mail others must not read: give them another one first")
            .format(address=box)
        )
