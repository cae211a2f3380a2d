"""The links in a list: each has one message delivered to one owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.utils import timezone

from relevo.directory import audit, links, owners, tokens
from relevo.directory.digest_models import Digest, DigestLink
from relevo.directory.links import LinkError
from relevo.directory.models import Mailbox
from relevo.directory.quarantine import asking
from relevo.directory.quarantine.changing import Outcome, act
from relevo.directory.quarantine.copies import RELEASED, Copy
from relevo.directory.quarantine.sight import Sight, of_owner
from relevo.errors import DirectoryError
from relevo.i18n import _

_KIND = "digest"


def make(digest: Digest, copies: Sequence[Copy]) -> dict[str, str]:
    """Make the links of a list, within the caller's transaction; return their secret parts by the copies' ids."""
    made, until = links.drawn(one.id for one in copies), links.until()
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
    rows = DigestLink.objects.select_related("digest__mailbox").filter(digest__mailbox__in=owners.people())
    found = links.find(rows, secret, client, _KIND)
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
    if not links.use(link):
        raise _used()
    try:
        with _acting(box, client):
            outcome = act(sight, RELEASED, [link.copy])
    except DirectoryError:
        if not _has_begun(sight, link.copy):
            links.give_back(link)
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


def _used() -> LinkError:
    return LinkError(_("this link has been used: log in to see what became of the message"))
