"""The links in what owners are told: each lets its owner decide about one post, once, without a login.

A link decides as its owner: who looks after the list no more, decides no more.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from relevo.directory import audit, links, owners, tokens
from relevo.directory.held import asking
from relevo.directory.held.deciding import Outcome, act
from relevo.directory.held.posts import Post
from relevo.directory.held.sight import of_owner
from relevo.directory.links import LinkError
from relevo.directory.models import Mailbox
from relevo.directory.moderation_models import PostLink
from relevo.directory.quarantine.reading import Reading
from relevo.errors import DirectoryError
from relevo.i18n import _

_KIND = "post"


def make(box: Mailbox, posts: Sequence[Post]) -> dict[str, str]:
    """Make links for an owner, within the caller's transaction; return their secret parts by the posts' ids."""
    made, until = links.drawn(one.id for one in posts), links.until()
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
    rows = PostLink.objects.select_related("mailbox").filter(mailbox__in=owners.people())
    found = links.find(rows, secret, client, _KIND)
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
    if not links.use(link):
        raise _used()
    try:
        with audit.acting(link.mailbox.address, client):
            audit.act_as(link.mailbox.address, _KIND)
            outcome = act(of_owner(link.mailbox), do, [link.post], reason)
    except DirectoryError:
        links.give_back(link)
        raise
    if not outcome.done:
        links.give_back(link)
    return outcome


def _used() -> LinkError:
    return LinkError(_("this link has been used: the post is decided about"))
