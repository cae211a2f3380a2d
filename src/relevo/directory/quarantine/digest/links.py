"""The links in a list: each has one message delivered to one owner, without a login, once, on either node.

The secret part has 192 random bits; the database has its SHA-256. Whoever guesses waits as at the login. A link only
opens a page, since what examines mail for viruses opens links, too: the release itself is another step (POST).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from relevo.directory import attempts, audit, owners, tokens
from relevo.directory.database import changing, explained
from relevo.directory.digest_models import Digest, DigestLink
from relevo.directory.models import Mailbox
from relevo.directory.quarantine import asking
from relevo.directory.quarantine.changing import Outcome, act
from relevo.directory.quarantine.copies import RELEASED, Copy
from relevo.directory.quarantine.sight import Sight, of_owner
from relevo.errors import DirectoryError
from relevo.i18n import _

GOOD_FOR = timedelta(days=7)
_KIND, _ANY = "digest", "link"  # failures here count apart from logins'
_RANDOM_BYTES = 24


class LinkError(DirectoryError):
    """A link is nobody's, too old, or used; the sentence says what else there is."""


def make(digest: Digest, copies: Sequence[Copy]) -> dict[str, str]:
    """Make the links of a list, within the caller's transaction; return their secret parts by the copies' ids."""
    made = {one.id: secrets.token_urlsafe(_RANDOM_BYTES) for one in copies}
    until = timezone.now() + GOOD_FOR
    DigestLink.objects.bulk_create(
        DigestLink(digest=digest, copy=number, hashed=tokens.digest(secret), expires_at=until)
        for number, secret in made.items()
    )
    return made


def find(secret: str, client: str) -> DigestLink:
    """Return a link by its secret part; `client` is the IP address that asks.

    Raises:
        LinkError: it is nobody's, too old, or used.
        DirectoryError: too many wrong ones came from there.
    """
    place = attempts.place_of(_KIND, client)
    with explained():
        attempts.require_patience(_ANY, place)
        rows = DigestLink.objects.select_related("digest__mailbox")
        found = rows.filter(hashed=tokens.digest(secret), digest__mailbox__in=owners.people()).first()
        if not found:
            attempts.note(_ANY, place)
            raise LinkError(_("this link is not known here: it is not whole, or the mailbox is switched off"))
    if found.used_at:
        raise _used()
    if found.expires_at <= timezone.now():
        raise LinkError(_("this link is too old: log in to see what was refused"))
    return found


def copy_of(link: DigestLink) -> Copy:
    """Return the message that a link is for, as its owner sees it."""
    return asking.find(of_owner(link.digest.mailbox), link.copy)


def release(link: DigestLink, client: str) -> Outcome:
    """Use a link up, and have its message delivered to its owner; one with which nothing was sent stays good."""
    box = link.digest.mailbox
    sight = of_owner(box)
    _use(link)
    try:
        with _acting(box, client):
            outcome = act(sight, RELEASED, [link.copy])
    except DirectoryError:
        if not _has_begun(sight, link.copy):
            _give_back(link)
        raise
    return outcome


def stop(link: DigestLink, client: str) -> None:
    """Send its owner no more lists."""
    box = link.digest.mailbox
    with _acting(box, client):
        owners.choose(box, digest=False)


@contextmanager
def _acting(box: Mailbox, client: str) -> Iterator[None]:
    """Have the audit log say whose link it was."""
    with audit.acting(box.address, client):
        audit.act_as(box.address, _KIND)
        yield


def _has_begun(sight: Sight, number: str) -> bool:
    """Tell whether it may have been sent."""
    return any(sight.sees(recipient) for _number, recipient in asking.states([number]))


@changing
def _use(link: DigestLink) -> None:
    """Note that it is used: of two at once one alone finds it unused."""
    unused = DigestLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=timezone.now())
    if not unused.update(used_at=timezone.now()):
        raise _used()


@changing
def _give_back(link: DigestLink) -> None:
    DigestLink.objects.filter(pk=link.pk).update(used_at=None)


def _used() -> LinkError:
    return LinkError(_("this link has been used: log in to see what became of the message"))
