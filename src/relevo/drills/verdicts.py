"""What the table says of a stream: accepted, lost, duplicated; and how long clients waited after something happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from relevo.drills.copies import copies
from relevo.drills.doubts import Course, courses
from relevo.drills.ledger import Account, Entry, Fate, Ledger, Way
from relevo.drills.limits import Limit
from relevo.drills.result import Figure
from relevo.drills.stream import ANSWER_SECONDS
from relevo.drills.timeline import around, events, moves, wall
from relevo.drills.vocabulary import World
from relevo.i18n import _

# A message that was put into the mailbox, and whose removal from the queue could not be finished since the node died or
# the virtual IP to which it was delivered moved, is delivered again out of that queue: SMTP prefers twice to never
# (RFC 5321, 4.1.1.4). It was accepted just then.
IN_HAND_SECONDS = 2.0
NO_LIMIT = _("a figure, no limit")

_TOLD = 10  # messages whose course is told


@dataclass(frozen=True)
class Scene:
    """A stream and what happened meanwhile: `moments` in monotonic seconds; no limit: a figure only."""

    title: str
    tried: str
    ledger: Ledger
    seen: Mapping[str, float]
    moments: tuple[float, ...]
    accepted_within: Limit | None = None
    delivered_within: Limit | None = None
    gap_within: Limit | None = None
    took: float = 0.0  # seconds that it took to happen, before the first moment

    def in_hand(self, moves: Sequence[float]) -> set[int]:
        """Return the numbers of the messages that were just accepted, or being accepted, when something happened.

        `moves`: when the virtual IP came or went.
        """
        taken = {entry.message.number: entry.accepted for entry in self.ledger.entries()}
        spans = [(moment, moment) for moment in (*self.moments, *moves)]
        spans.append((self.moments[0] - self.took, self.moments[0]))
        return {
            number for number, one in taken.items() for first, last in spans
            if one and one.began < last + IN_HAND_SECONDS and one.ended > first - IN_HAND_SECONDS
        }

    def first_delivered(self, since: float) -> float | None:
        """Return the seconds from then until a message that was sent after it was seen in a mailbox."""
        sent = [token for token, taken in self.ledger.accepted().items() if taken.began >= since]
        moments = [self.seen[token] for token in sent if token in self.seen]
        return min(moments) - since if moments else None


def judge(world: World, scene: Scene, account: Account) -> None:
    """Write account and times into the table: these from the first moment on, waits from when it began to happen."""
    judge_account(world, scene, account)
    since, ledger = scene.moments[0], scene.ledger
    by_way = ", ".join(f"{way}: {_seconds(ledger.first_accepted(since, way))}" for way in Way)
    judge_time(world, scene, _("first mail accepted"), ledger.first_accepted(since), scene.accepted_within, more=by_way)
    judge_time(world, scene, _("first mail delivered"), scene.first_delivered(since), scene.delivered_within)
    if scene.gap_within:
        gap = ledger.longest_gap(since - scene.took)
        judge_time(world, scene, _("longest time without a 250"), gap, scene.gap_within)
    waited = _("from when it was due, repetitions included: {seconds:.2f} s").format(seconds=ledger.longest_wait(since))
    judge_time(world, scene, _("longest sending"), ledger.longest_sending(since), Limit(ANSWER_SECONDS), more=waited)


def judge_account(world: World, scene: Scene, account: Account) -> None:
    """Write into the table what became of all messages."""
    _accepted(world, scene, account)
    _lost(world, scene, account)
    _duplicated(world, scene, account)


def judge_time(
    world: World, scene: Scene, name: str, seconds: float | None, limit: Limit | None, *, more: str = ""
) -> None:
    """Write a time into the table: there must be one, and it must be within the limit if there is one."""
    expected = NO_LIMIT if limit is None else _("within {limit}").format(limit=limit)
    with world.checking(f"{scene.title}: {name}", tried=scene.tried, expected=expected) as check:
        figure = None if seconds is None else Figure(round(seconds, 3), "s", limit.median if limit else None)
        text = "; ".join(part for part in (_seconds(seconds), more) if part)
        check.saw(text, good=seconds is not None and (limit is None or limit.allows(seconds)), figure=figure)
        if not check.good:
            check.noted = tuple(around(events([*world.nodes.values()]), wall(scene.moments[0])))


def _accepted(world: World, scene: Scene, account: Account) -> None:
    with world.checking(
        _("{event}: accepted").format(event=scene.title), tried=scene.tried,
        expected=_("in the end 250 for every message"),
    ) as check:
        refused = account.count(Fate.REFUSED)
        text = _("{accepted} of {count}; {refused} refused, {unsure} in doubt; {again} sent again").format(
            accepted=account.accepted, count=len(account.fates), refused=refused, again=account.sent_again,
            unsure=account.count(Fate.UNSURE_DELIVERED, Fate.UNSURE_MISSING),
        )
        whole = bool(account.fates) and account.accepted == len(account.fates)
        check.saw(text, good=whole, figure=_messages(account.accepted))


def _lost(world: World, scene: Scene, account: Account) -> None:
    with world.checking(
        _("{event}: lost").format(event=scene.title),
        tried=_("look for each accepted message in mailboxes, queues and what came back"),
        expected=_("0: all are in their mailboxes"),
    ) as check:
        fates = (Fate.LOST, Fate.QUEUED, Fate.BOUNCED)
        lost, queued, returned = (account.count(one) for one in fates)
        text = _("{lost} lost, {queued} still in a queue, {returned} returned to the sender").format(
            lost=lost, queued=queued, returned=returned,
        )
        text += _which(account.numbers(*fates))
        check.saw(text, good=bool(account.accepted) and not lost + queued + returned, figure=_messages(lost))


def _duplicated(world: World, scene: Scene, account: Account) -> None:
    tried = _("count the copies of each message")
    evidence = Evidence.of(world, scene, set(account.numbers(Fate.DUPLICATED)))
    explained = evidence.explained(scene)
    with world.checking(
        _("{event}: duplicated by us").format(event=scene.title), tried=tried,
        expected=_("0: no copy more than the client's own sendings explain"),
    ) as check:
        ours, uncalled = set(account.numbers(Fate.DUPLICATED)) - explained, set(account.numbers(Fate.UNCALLED))
        text = _("{ours} too often; {uncalled} there though not taken").format(ours=len(ours), uncalled=len(uncalled))
        good = bool(account.accepted) and not ours | uncalled
        check.saw(text + _which(sorted(ours | uncalled)), good=good, figure=_messages(len(ours)))
        check.noted = evidence.told(scene, sorted(ours | uncalled))
    with world.checking(
        _("{event}: duplicates explained").format(event=scene.title), tried=tried, expected=NO_LIMIT,
    ) as check:
        twice, hand = account.count(Fate.RESENT), set(account.numbers(Fate.DUPLICATED)) & explained
        text = _(
            "{twice} of the {again} that clients sent again without having had an answer; "
            "{hand} delivered when a machine died or the virtual IP moved, and again out of the queue"
        ).format(twice=twice, again=account.sent_again, hand=len(hand))
        check.saw(text, good=True, figure=_messages(twice + len(hand)))


@dataclass(frozen=True)
class Evidence:
    """What the mail nodes noted during a stream: the virtual IP's moves and each message's course, since 1970."""

    moved: Sequence[float]
    courses: Mapping[str, Course]

    @classmethod
    def of(cls, world: World, scene: Scene, twice: Collection[int]) -> Self:
        """Ask those that answer; look for the copies of those messages that are there too often."""
        messages = [entry.message for entry in scene.ledger.entries()]
        began = min((message.due for message in messages), default=scene.moments[0])
        moved = moves(events(world.mail_nodes), wall(scene.moments[0]))
        noted = courses(world.mail_nodes, wall(began))
        addresses = [account.address for account in (world.accounts.a, world.accounts.b)]
        tokens = {message.token for message in messages if message.number in twice}
        for token, made in copies(world.mail_nodes, addresses, tokens).items():
            noted.setdefault(token, Course()).copies = made
        return cls(moved, noted)

    def explained(self, scene: Scene) -> set[int]:
        """Return the numbers of messages that may be there twice: in hand at a moment, or in doubt by the logs."""
        moments = [*map(wall, scene.moments), *self.moved]
        doubts = {
            token for token, course in self.courses.items() if course.in_doubt or any(map(course.half_done, moments))
        }
        numbers = {entry.message.number for entry in scene.ledger.entries() if entry.message.token in doubts}
        offset = wall(0.0)
        return numbers | scene.in_hand([moment - offset for moment in self.moved])

    def told(self, scene: Scene, numbers: Sequence[int]) -> tuple[str, ...]:
        """Return sendings and courses of these messages, a line each, and the moves, timed from the first moment."""
        since = wall(scene.moments[0])
        entries = {entry.message.number: entry for entry in scene.ledger.entries()}
        lines = [self._told(entries[number], scene.moments[0]) for number in numbers[:_TOLD]]
        return (*lines, *(f"{moment - since:+.3f} s VIP" for moment in self.moved)) if numbers else ()

    def _told(self, entry: Entry, since: float) -> str:
        sent = ", ".join(f"{one.began - since:+.3f} {one.state} {one.ended - since:+.3f}" for one in entry.attempts)
        course = self.courses.get(entry.message.token, Course())
        return f"{entry.message.number}: sent {sent} s; {course.told(wall(since))}"


def _seconds(seconds: float | None) -> str:
    return _("never") if seconds is None else f"{seconds:.2f} s"


def _messages(count: int) -> Figure:
    return Figure(float(count), _("messages"))


def _which(numbers: list[int]) -> str:
    return _(" (numbers {numbers})").format(numbers=", ".join(map(str, numbers[:20]))) if numbers else ""
