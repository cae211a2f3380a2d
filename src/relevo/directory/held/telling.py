"""Which owners are told of posts that wait: at most once an hour for each list, and again after a day.

An owner's row is written before Postfix is asked, so two nodes meet there. Who dies in between has told nobody; then
the owner hears of the post with the next one, or a day later, and it waits on the pages all the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from relevo.directory import owners
from relevo.directory.database import changing
from relevo.directory.held import box, links
from relevo.directory.held.asking import waiting
from relevo.directory.held.letter import letter
from relevo.directory.held.posts import Post
from relevo.directory.held.sight import EVERYTHING
from relevo.directory.letters import Place
from relevo.directory.moderation_models import ListOwner, PostLink, PostNotice
from relevo.directory.quarantine.handing_in import UnknownOutcome, hand_in
from relevo.errors import DirectoryError, QuarantineError

PAUSE, AGAIN = timedelta(hours=1), timedelta(days=1)
MOST_TOLD = 20  # posts of one mail
_IN_A_ROW = 5  # so many failures say that Postfix is away, or the database, and the rest waits


@dataclass
class Told:
    """How many mails were sent, how many not, and why, of the last."""

    sent: int = 0
    failed: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class _News:
    """What one owner is told of one list, and what he was told before."""

    owner: ListOwner
    posts: Sequence[Post]
    validity: int
    before: PostNotice | None

    @property
    def is_due(self) -> bool:
        """Whether it is time: for what is new after an hour, for what he knows after a day."""
        if not self.before:
            return True
        known = self.before.until_uid if self.before.validity == self.validity else 0
        since = timezone.now() - self.before.at
        return since >= (PAUSE if self.posts[0].uid > known else AGAIN)


def tell() -> Told:
    """Tell owners what waits for them.

    Raises:
        QuarantineError: the posts can't be read now; nobody was told.
    """
    with box.opened() as line:
        posts, validity = [one for one in waiting(EVERYTHING, line) if one.is_open], line.validity
    told = Told()
    for news in _news(posts, validity):
        if news.is_due and told.failed < _IN_A_ROW:
            _tell(news, told)
    return told


def _news(posts: Sequence[Post], validity: int) -> list[_News]:
    by_list: dict[int, list[Post]] = defaultdict(list)
    for one in posts:
        by_list[one.list_key].append(one)
    rows = ListOwner.objects.filter(list__in=by_list, mailbox__in=owners.people())
    rows = rows.select_related("mailbox__choice", "list").order_by("list", "mailbox")
    before = {(one.list_id, one.mailbox_id): one for one in PostNotice.objects.filter(list__in=by_list)}
    return [_News(row, by_list[row.list_id], validity, before.get((row.list_id, row.mailbox_id))) for row in rows]


def _tell(news: _News, told: Told) -> None:
    now, shown = timezone.localtime(), news.posts[:MOST_TOLD]
    try:
        secrets = _claim(news, shown, now)
    except DirectoryError as error:  # the database is away, or the other node tells it just now
        told.failed, told.trouble = told.failed + 1, str(error)
        return
    if not secrets:
        return
    try:
        # Without a sender nobody is bounced for it, and who forwards it elsewhere passes DMARC there by our HELO's SPF.
        hand_in("", [news.owner.mailbox.address], _letter(news, [(one, secrets[one.id]) for one in shown], now))
    except UnknownOutcome as error:
        told.trouble = str(error)
    except QuarantineError as error:
        _take_back(news, list(secrets))
        told.failed, told.trouble = told.failed + 1, str(error)
    else:
        told.sent += 1


def _letter(news: _News, posts: Sequence[tuple[Post, str]], now: datetime) -> bytes:
    mailbox = news.owner.mailbox
    place = Place(settings.RELEVO_HOSTNAME, settings.RELEVO_DOMAIN, f"{news.owner.list_id}-{now:%Y%m%dT%H%M%S}")
    more = len(news.posts) - len(posts)
    return letter(place, mailbox.address, owners.language_of(mailbox), now, posts, more=more)


@changing
def _claim(news: _News, shown: Sequence[Post], now: datetime) -> dict[str, str]:
    """Note that an owner is told, and make the links; nothing when somebody else has just done so."""
    values = {"validity": news.validity, "until_uid": news.posts[0].uid, "at": now}
    if news.before:
        if not PostNotice.objects.filter(pk=news.before.pk, at=news.before.at).update(**values):
            return {}
    else:
        PostNotice.objects.create(list=news.owner.list, mailbox=news.owner.mailbox, **values)
    return links.make(news.owner.mailbox, shown)


@changing
def _take_back(news: _News, posts: Sequence[str]) -> None:
    """Have it told with the next attempt: nothing was sent."""
    row = PostNotice.objects.filter(list=news.owner.list, mailbox=news.owner.mailbox)
    if news.before:
        row.update(validity=news.before.validity, until_uid=news.before.until_uid, at=news.before.at)
    else:
        row.delete()
    PostLink.objects.filter(mailbox=news.owner.mailbox, post__in=posts, used_at=None).delete()
