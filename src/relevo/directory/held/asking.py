"""Which posts wait, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from relevo.directory.database import explained
from relevo.directory.held import box
from relevo.directory.held.box import Box
from relevo.directory.held.posts import DECIDING, ID, INTERRUPTED, Post, as_it_came
from relevo.directory.held.sight import Sight
from relevo.directory.models import DistributionList
from relevo.directory.moderation_models import PostMark
from relevo.directory.quarantine.asking import INTERRUPTED_AFTER, checked
from relevo.directory.quarantine.reading import MOST_BYTES, Reading, read
from relevo.errors import DirectoryError
from relevo.i18n import _


@dataclass(frozen=True)
class Listing:
    """What was found, the latest first; `matching` on all pages; `after` begins the next page, 0 when there is none."""

    posts: Sequence[Post]
    matching: int
    after: int


def listing(sight: Sight, *, text: str = "", after: int = 0, limit: int = 50) -> Listing:
    """Return the posts that somebody sees; with `text` those with all its words in list, sender, author or subject."""
    with box.opened() as line:
        found = [one for one in waiting(sight, line) if _has(one, text)]
    rest = [one for one in found if not after or one.uid < after]
    page = rest[:limit]
    return Listing(page, len(found), page[-1].uid if len(rest) > len(page) else 0)


def find(sight: Sight, number: str) -> Post:
    """Return a post that somebody sees; raise DirectoryError when it does not wait."""
    with box.opened() as line:
        return _found(sight, number, line)


def whole(sight: Sight, number: str) -> tuple[Post, Reading]:
    """Return a post and what is in it."""
    with box.opened() as line:
        found = _found(sight, number, line)
        raw = line.content(found.uid, MOST_BYTES)
    return found, read(as_it_came(raw), cut=found.size > MOST_BYTES)


def several(sight: Sight, given: Iterable[str]) -> list[Post]:
    """Return those of some posts that wait and that somebody sees."""
    wanted = checked(given, ID)
    with box.opened() as line:
        return [one for one in waiting(sight, line) if one.id in wanted]


def waiting(sight: Sight, line: Box) -> list[Post]:
    """Return what waits and somebody sees, the latest first, with what was begun about it."""
    return still_waiting(one for one in line.posts() if sight.sees(one.list_key))


def still_waiting(posts: Iterable[Post]) -> list[Post]:
    """Return those of some posts whose list is there and about which nobody has decided."""
    seen = list(posts)
    with explained():
        entries = DistributionList.objects.filter(pk__in={one.list_key for one in seen})
        lists = dict(entries.values_list("pk", "address"))
        states = {mark.post: state(mark) for mark in PostMark.objects.filter(post__in=[one.id for one in seen])}
    told = [one.told(lists, states) for one in seen]
    return [one for one in told if one.list and (one.is_open or one.state == DECIDING)]


def state(mark: PostMark) -> str:
    """Return what has become of a post."""
    if mark.done_at:
        return mark.what
    return INTERRUPTED if mark.begun_at < timezone.now() - INTERRUPTED_AFTER else DECIDING


def _found(sight: Sight, number: str, line: Box) -> Post:
    wanted = checked([number], ID)
    for one in waiting(sight, line):
        if one.id in wanted:
            return one
    raise DirectoryError(
        _("no post {number} waits: somebody has decided about it, or its days are over").format(number=number)
    )


def _has(one: Post, text: str) -> bool:
    there = f"{one.list} {one.sender} {one.author} {one.subject}".lower()
    return all(word in there for word in text.lower().split())
