"""What an owner is told of posts that wait, as a mail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from relevo.directory.held.posts import Post
from relevo.directory.letters import Place, compose, harmless
from relevo.i18n import _, ngettext, speaking

_TEMPLATE = Path(__file__).parent / "templates" / "held"


class Entry(NamedTuple):
    """One post."""

    sender: str
    subject: str
    when: str
    link: str


def letter(
    place: Place, to: str, language: str, at: datetime, posts: Sequence[tuple[Post, str]], *, more: int = 0
) -> bytes:
    """Return the mail.

    Args:
        place: where it comes from.
        to: the owner's address.
        language: `en` or `es`.
        at: the moment, in the platform's time zone.
        posts: posts to one list, at least one, each with the secret part of its link.
        more: how many are not told of.
    """
    with speaking(language):
        told = _told(place, posts[0][0].list, len(posts) + more)
        told |= {"entries": [_entry(place, one, secret, at) for one, secret in posts]}
        told["more"] = _("and {count} more").format(count=more) if more else ""
        return compose(place, _TEMPLATE, told, by=_("Posts that wait"), to=to, language=language, at=at)


def _entry(place: Place, one: Post, secret: str, at: datetime) -> Entry:
    return Entry(
        sender=harmless(one.author or one.sender or _("empty sender")),
        subject=harmless(one.subject or _("(no subject)")),
        when=f"{one.at.astimezone(at.tzinfo):%Y-%m-%d %H:%M}",
        link=f"https://{place.hostname}/account/held/decide/?t={secret}",
    )


def _told(place: Place, address: str, count: int) -> dict[str, object]:
    title = ngettext("{count} post to {list} waits for you", "{count} posts to {list} wait for you", count)
    return {
        "title": title.format(count=count, list=address),
        "introduction": _(
            "You look after this list. Nobody has received these posts yet: let them through, or refuse them. Each "
            "link shows the post and works once, for a week; nothing happens by opening it."
        ),
        "from": _("From"), "subject": _("Subject"), "when": _("When"),
        "decide": _("Look at it and decide"),
        "all": _("See all that waits"), "all_link": f"https://{place.hostname}/account/held/",
        "time": _("What nobody has decided about after 30 days goes by itself."),
    }

