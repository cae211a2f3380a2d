"""Links in mails to owners of mailboxes: each does one thing, once, without a login, on either node.

The secret part has 192 random bits; the database has its SHA-256. Whoever guesses waits as at the login. A link only
opens a page, since what examines mail for viruses opens links, too: what it does is another step (POST).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from relevo.directory import attempts, tokens
from relevo.directory.database import changing, explained
from relevo.directory.digest_models import DigestLink
from relevo.directory.moderation_models import PostLink
from relevo.errors import DirectoryError
from relevo.i18n import _

GOOD_FOR = timedelta(days=7)
_ANY = "link"  # failures here count apart from logins'
_RANDOM_BYTES = 24
_L = TypeVar("_L", DigestLink, PostLink)


class LinkError(DirectoryError):
    """A link is nobody's, too old, or used; the sentence says what else there is."""


def drawn(numbers: Iterable[str]) -> dict[str, str]:
    """Return a secret part for each of what links are for."""
    return {number: secrets.token_urlsafe(_RANDOM_BYTES) for number in numbers}


def until() -> datetime:
    """Return how long links that are made now are good."""
    return timezone.now() + GOOD_FOR


def find(rows: QuerySet[_L], secret: str, client: str, kind: str) -> _L:
    """Return the link among those rows with that secret part; `client` is the IP address that asks.

    Raises:
        LinkError: it is nobody's.
        DirectoryError: too many wrong ones of that kind came from there.
    """
    place = attempts.place_of(kind, client)
    with explained():
        attempts.require_patience(_ANY, place)
        if not (found := rows.filter(hashed=tokens.digest(secret)).first()):
            attempts.note(_ANY, place)
            raise LinkError(_("this link is not known here: it is not whole, or the mailbox is switched off"))
    return found


@changing
def use(link: DigestLink | PostLink) -> bool:
    """Note that it is used; of two at once one alone finds it unused and gets True."""
    rows = type(link).objects.filter(pk=link.pk, used_at=None, expires_at__gt=timezone.now())
    return bool(rows.update(used_at=timezone.now()))


@changing
def give_back(link: DigestLink | PostLink) -> None:
    """Let it be used again: nothing was done with it."""
    type(link).objects.filter(pk=link.pk).update(used_at=None)
