"""The links in what owners are told: each lets its owner decide about one post, once, without a login.

Of the secret part only a hash is kept. A link decides as its owner: who looks after the list no more, decides no more.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from relevo.directory import attempts, audit, owners, tokens
from relevo.directory.database import changing, explained
from relevo.directory.held import asking
from relevo.directory.held.deciding import Outcome, act
from relevo.directory.held.posts import Post
from relevo.directory.held.sight import of_owner
from relevo.directory.models import Mailbox
from relevo.directory.moderation_models import PostLink
from relevo.directory.quarantine.digest.links import LinkError
from relevo.directory.quarantine.reading import Reading
from relevo.errors import DirectoryError
from relevo.i18n import _

GOOD_FOR = timedelta(days=7)
_KIND, _ANY = "post", "link"  # failures here count apart from logins'
_RANDOM_BYTES = 24


def make(box: Mailbox, posts: Sequence[Post]) -> dict[str, str]:
    """Make links for an owner, within the caller's transaction; return their secret parts by the posts' ids."""
    made = {one.id: secrets.token_urlsafe(_RANDOM_BYTES) for one in posts}
    until = timezone.now() + GOOD_FOR
    PostLink.objects.bulk_create(
        PostLink(mailbox=box, post=number, hashed=tokens.digest(secret), expires_at=until)
        for number, secret in made.items()
    )
    return made


def find(secret: str, client: str) -> PostLink:
    """Return a link by its secret part; `client` is the IP address that asks.

    Raises:
        LinkError: it is nobody's, too old, or used.
        DirectoryError: too many wrong ones came from there.
    """
    place = attempts.place_of(_KIND, client)
    with explained():
        attempts.require_patience(_ANY, place)
        rows = PostLink.objects.select_related("mailbox").filter(mailbox__in=owners.people())
        if not (found := rows.filter(hashed=tokens.digest(secret)).first()):
            attempts.note(_ANY, place)
            raise LinkError(_("this link is not known here: it is not whole, or the mailbox is switched off"))
    if found.used_at:
        raise _used()
    if found.expires_at <= timezone.now():
        raise LinkError(_("this link is too old: log in to see what waits"))
    return found


def whole(link: PostLink) -> tuple[Post, Reading]:
    """Return the post that a link is for and what is in it, as its owner sees it."""
    return asking.whole(of_owner(link.mailbox), link.post)


def decide(link: PostLink, do: str, reason: str, client: str) -> Outcome:
    """Use a link up and decide about its post; one with which nothing was done stays good."""
    _use(link)
    try:
        with audit.acting(link.mailbox.address, client):
            audit.act_as(link.mailbox.address, _KIND)
            outcome = act(of_owner(link.mailbox), do, [link.post], reason)
    except DirectoryError:
        _give_back(link)
        raise
    if not outcome.done:
        _give_back(link)
    return outcome


@changing
def _use(link: PostLink) -> None:
    """Note that it is used: of two at once one alone finds it unused."""
    unused = PostLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=timezone.now())
    if not unused.update(used_at=timezone.now()):
        raise _used()


@changing
def _give_back(link: PostLink) -> None:
    PostLink.objects.filter(pk=link.pk).update(used_at=None)


def _used() -> LinkError:
    return LinkError(_("this link has been used: the post is decided about"))
