"""Let a post through, refuse it, or delete it: once, whoever decides, on whichever node.

A decision is noted as begun before Postfix is asked, and as done afterwards; the post goes last. Two at once meet at
the note, of which there can be one only. A node that dies before Postfix has the post leaves it where it was, with a
decision that was begun: whoever looks is told that nobody knows, and may decide again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from relevo.directory import audit
from relevo.directory.database import changing
from relevo.directory.held import box
from relevo.directory.held.asking import waiting
from relevo.directory.held.box import Box
from relevo.directory.held.posts import APPROVED, DELETED, ID, REFUSED, Post, as_it_goes_on
from relevo.directory.held.refusal import refusal
from relevo.directory.held.sight import Sight
from relevo.directory.models import DistributionList, Domain
from relevo.directory.moderation_models import PostMark
from relevo.directory.quarantine.asking import INTERRUPTED_AFTER, checked
from relevo.directory.quarantine.handing_in import UnknownOutcome, hand_in
from relevo.errors import DirectoryError, QuarantineError
from relevo.i18n import _

LONGEST_REASON = 500  # characters
_ACTIONS = {APPROVED: "post.approve", REFUSED: "post.refuse", DELETED: "post.delete"}


@dataclass
class Outcome:
    """What became of the posts that were decided about."""

    do: str
    done: list[Post] = field(default_factory=list)
    answered: list[Post] = field(default_factory=list)  # whose senders were told of the refusal
    busy: list[Post] = field(default_factory=list)  # somebody else decides just now
    gone: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def act(sight: Sight, do: str, ids: Iterable[str], reason: str = "") -> Outcome:
    """Decide about posts that somebody sees.

    Args:
        sight: which lists' they may be.
        do: APPROVED, REFUSED or DELETED.
        ids: of the posts.
        reason: one for the senders of those that are refused; only who is known to have sent it is told.

    Raises:
        DirectoryError: nothing could be done.
    """
    if do not in _ACTIONS:
        raise DirectoryError(_("choose what is to be done"))
    if len(reason) > LONGEST_REASON:
        raise DirectoryError(_("a reason has at most {most} characters").format(most=LONGEST_REASON))
    numbers, outcome = checked(ids, ID), Outcome(do)
    with box.opened() as line:
        found = [one for one in waiting(sight, line) if one.id in numbers]
        outcome.gone = [number for number in numbers if number not in {one.id for one in found}]
        for one in found:
            _attempt(one, line, outcome, " ".join(reason.split()))
        _clear(line, [one.id for one in outcome.done])
    if outcome.troubles and not outcome.done:
        raise QuarantineError(" ".join(dict.fromkeys(outcome.troubles)))
    return outcome


def _attempt(one: Post, line: Box, outcome: Outcome, reason: str) -> None:
    if not one.is_open:
        outcome.busy.append(one)
        return
    try:
        if outcome.do == APPROVED:
            _approve(one, line)
        elif outcome.do == REFUSED:
            _refuse(one, reason, outcome)
        else:
            _begin(one, DELETED)
            _note_done(one, DELETED)
    except DirectoryError as error:
        outcome.troubles.append(str(error))
    else:
        outcome.done.append(one)


def _approve(one: Post, line: Box) -> None:
    way = _way(one)
    message = as_it_goes_on(line.content(one.uid), one.id, timezone.now())
    _handing_in(one, APPROVED, lambda: hand_in(one.sender, [way], message))
    _note_done(one, APPROVED)


def _way(one: Post) -> str:
    """Return the address by which mail goes to the members; raise DirectoryError when it would reach nobody."""
    entry = DistributionList.objects.select_related("domain").filter(pk=one.list_key).first()
    if not entry or not entry.enabled or not entry.domain.enabled:
        raise DirectoryError(_("the list {address} is switched off: its posts wait").format(address=one.list))
    if not entry.members.exists():
        raise DirectoryError(_("the list {address} has no members: its posts wait").format(address=one.list))
    return entry.members_at or entry.address


def _refuse(one: Post, reason: str, outcome: Outcome) -> None:
    if not may_be_answered(one):
        _begin(one, REFUSED)
        _note_done(one, REFUSED, reason=reason)
        return
    letter = refusal(settings.RELEVO_HOSTNAME, settings.RELEVO_DOMAIN, settings.LANGUAGE_CODE, one, reason)
    try:
        # Without a sender nobody is bounced for it, and it passes DMARC elsewhere by our HELO's SPF.
        _handing_in(one, REFUSED, lambda: hand_in("", [one.sender], letter))
    except UnknownOutcome:  # told or not told: it is refused all the same
        pass
    else:
        outcome.answered.append(one)
    _note_done(one, REFUSED, reason=reason)


def may_be_answered(one: Post) -> bool:
    """Tell whether the sender of a post is known to be who has sent it: nobody else gets mail for it."""
    if not one.sender:
        return False
    return one.vouched or (one.inside and Domain.objects.filter(name=one.sender.rpartition("@")[2].lower()).exists())


def _handing_in(one: Post, what: str, hand: Callable[[], None]) -> None:
    """Note that it begins, and hand it in; when Postfix has not taken it nothing was begun."""
    _begin(one, what)
    try:
        hand()
    except UnknownOutcome:
        raise
    except QuarantineError:
        _forget(one)
        raise


@changing
def _begin(one: Post, what: str) -> None:
    """Note that a decision begins; raise DirectoryError when another one has begun meanwhile."""
    interrupted = PostMark.objects.filter(
        post=one.id, done_at=None, begun_at__lt=timezone.now() - INTERRUPTED_AFTER
    )
    interrupted.delete()
    PostMark.objects.create(post=one.id, what=what)


@changing
def _forget(one: Post) -> None:
    PostMark.objects.filter(post=one.id, done_at=None).delete()


@changing
def _note_done(one: Post, what: str, **more: str) -> None:
    PostMark.objects.filter(post=one.id).update(done_at=timezone.now())
    detail = {name: value for name, value in more.items() if value}
    audit.record(_ACTIONS[what], one.list, id=one.id, sender=one.sender, title=one.subject[:100], **detail)


def _clear(line: Box, done: list[str]) -> None:
    """Remove what was decided about; what can't be removed now is not shown any more, and goes with the next chores."""
    if not done:
        return
    try:
        line.remove(line.numbers_of(done))
    except QuarantineError:
        return
