"""The portal's way into an owner's scripts: a password for ManageSieve alone that is drawn for it and ends with it.

The owner's own is not kept anywhere for that, and there is no master password that would open all mailboxes. The row is
committed before Dovecot is asked, and so are its end and, should this process die in between, its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from relevo.cluster.wires import DOVECOT_SIEVE_SOCKET
from relevo.directory import app_passwords
from relevo.directory.database import changing
from relevo.directory.models import Mailbox
from relevo.directory.owner_models import AppPassword
from relevo.directory.sieve.client import SECONDS, Client

_GOOD_FOR = timedelta(seconds=60)


@contextmanager
def scripts_of(box: Mailbox, path: str = DOVECOT_SIEVE_SOCKET, within: float = SECONDS) -> Iterator[Client]:
    """Log in to ManageSieve as a mailbox, for so many seconds in all.

    Not within a transaction, which Dovecot could not look into.
    """
    ticket = _issue(box)
    try:
        with Client(path, box.address, ticket.plain, within) as client:
            yield client
    finally:
        _end(ticket)


@changing
def _issue(box: Mailbox) -> AppPassword:
    AppPassword.objects.filter(mailbox=box, expires_at__lte=timezone.now()).delete()
    return app_passwords.make(box, "", expires_at=timezone.now() + _GOOD_FOR)


@changing
def _end(ticket: AppPassword) -> None:
    AppPassword.objects.filter(pk=ticket.pk).delete()
