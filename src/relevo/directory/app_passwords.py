"""App passwords: one for each program that fetches or sends mail, so that none of them needs the mailbox's own.

Such a password has 99 bits from the machine's random numbers, so a quick hash keeps it. Dovecot finds its row by the
handle, which it computes from what is typed exactly as `handle_of` does (services/dovecot has the expression), and
compares the hash of that one row.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection

from django.db.models import QuerySet

from relevo.directory import audit, hooks, passwords
from relevo.directory.database import changing
from relevo.directory.models import Mailbox
from relevo.directory.owner_models import HANDLE_LENGTH, AppPassword
from relevo.directory.recovery import ALPHABET
from relevo.errors import DirectoryError
from relevo.i18n import _

PROTOCOLS = ("imap", "pop3", "smtp")  # what the platform offers programs; ManageSieve is the webmail's and the portal's
NAME_LENGTH = 60
MOST = 30  # of one mailbox
_GROUPS, _GROUP = 5, 4
_ROUNDS = 1000


def of(box: Mailbox) -> QuerySet[AppPassword]:
    """Return those that the owner of a mailbox has made."""
    return box.app_passwords.filter(expires_at=None)


@changing
def add(box: Mailbox, name: str, protocols: Collection[str]) -> AppPassword:
    """Make a password for one program.

    Args:
        box: whose it is.
        name: what its owner calls it, e.g. `Thunderbird at home`; others of theirs are called otherwise.
        protocols: some of PROTOCOLS.

    Returns:
        The row, with the password in `plain`, to be shown once.

    Raises:
        DirectoryError: the name can't be taken, there is no protocol, or there are too many already.
    """
    label = _free_name(box, name)
    if not protocols or not set(protocols) <= set(PROTOCOLS):
        raise DirectoryError(_("say what the password is for: fetching mail, sending it, or both"))
    made = make(box, label, **dict.fromkeys(protocols, True))
    audit.record("mailbox.app_password.add", box.address, name=label, protocols=sorted(protocols))
    return made


@changing
def revoke(box: Mailbox, number: int) -> None:
    """End one of a mailbox's app passwords; programs that are logged in with it are thrown out."""
    if not (found := of(box).filter(pk=number).first()):
        raise DirectoryError(_("there is no such app password"))
    found.delete()
    audit.record("mailbox.app_password.revoke", box.address, name=found.name)
    hooks.account_changed(box.address, lost=True)


@changing
def revoke_all(box: Mailbox) -> int:
    """End all app passwords of a mailbox, whose programs are thrown out; return how many there were."""
    count, _rows = of(box).delete()
    if not count:
        raise DirectoryError(_("{address} has no app passwords").format(address=box))
    audit.record("mailbox.app_password.revoke_all", box.address, count=count)
    hooks.account_changed(box.address, lost=True)
    return count


def handle_of(plain: str, address: str) -> str:
    """Return what Dovecot finds a row by: `%{password | sha256(rounds=1000, salt=user) | hexlify | substr(0, 16)}`."""
    digest = plain.encode()
    for _round in range(_ROUNDS):
        digest = hashlib.sha256(address.encode() + digest).digest()
    return digest.hex()[:HANDLE_LENGTH]


def make(box: Mailbox, name: str, **columns: object) -> AppPassword:
    """Make a row, within the caller's transaction; return it with the password in `plain`."""
    plain = draw()
    made: AppPassword = AppPassword.objects.create(
        mailbox=box, name=name, handle=handle_of(plain, box.address), hashed=passwords.hash_secret(plain), **columns
    )
    made.plain = plain
    return made


def draw() -> str:
    """Return a new password, in groups that are typed easily: `abcd-efgh-jkmn-pqrs-tuvw`."""
    groups = ("".join(secrets.choice(ALPHABET) for _letter in range(_GROUP)) for _group in range(_GROUPS))
    return "-".join(groups)


def _free_name(box: Mailbox, name: str) -> str:
    label = " ".join(name.split())
    if not 0 < len(label) <= NAME_LENGTH or not label.isprintable():
        raise DirectoryError(_("give it a name of at most {most} characters").format(most=NAME_LENGTH))
    names = [known.lower() for known in of(box).values_list("name", flat=True)]
    if label.lower() in names:
        raise DirectoryError(_("you have one of that name: give this one another"))
    if len(names) >= MOST:
        raise DirectoryError(_("you have {most} app passwords: revoke one first").format(most=MOST))
    return label
