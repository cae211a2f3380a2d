"""Two nodes never write the same mailbox or queue, whatever breaks: shown by logs with the tokens of their owners.

Given a writer on each mail node that does what a Dovecot with a session of deliveries does, to one log and one folder,
and to others what a Postfix does to its own queue and to the one that it has adopted,
when one to three faults overlap in each of many random schedules: power cuts, pulled cables, machines that stand still
or don't hear each other, one way or both, killed agents, hanging mounts,
then no owner writes after the next one has begun, and every write that was acknowledged is there, once.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice

from relevo.drills.drill import Drill
from relevo.drills.mending import revive
from relevo.drills.mishaps import Cast, Mishap, cast_of, drawn, happen, in_words
from relevo.drills.recorder import Observation
from relevo.drills.result import Figure
from relevo.drills.vocabulary import World
from relevo.drills.waiting import TROUBLE, NotHere, describe
from relevo.drills.writelog import Account
from relevo.drills.writers import Writers, keep
from relevo.errors import DrillError
from relevo.i18n import _

SCHEDULES, SEED = 20, 1
BEFORE_SECONDS, AFTER_SECONDS = 2.0, 10.0  # the writers write before the first fault, and after all is mended
LEAST_LINES = 20  # fewer prove nothing


@dataclass
class Course:
    """How a schedule went: after how many seconds all was whole, what was in the way, which fault could not be made."""

    whole: float = 0.0
    trouble: str = ""
    undone: list[str] = field(default_factory=list)


def run_for(schedules: int | None, minutes: float | None, seed: int) -> Drill:
    """Return the drill that plays so many schedules, or as many as begin in so many minutes.

    Each has a seed of its own, the next number: to repeat the third of seed 7, play one of seed 9.
    """
    return Drill(
        "owners", _("One owner at a time"),
        _("In random schedules of faults no two nodes write the same mailbox or queue, and nothing written is lost."),
        lambda world: _run(world, schedules, minutes, seed), long=True,
    )


def _run(world: World, schedules: int | None, minutes: float | None, seed: int) -> None:
    if not world.platform.in_lab:
        raise NotHere(_("only in the lab may power be cut and cables pulled at random"))
    world.until_healthy()
    writers, accounts = Writers(world), list[Account]()
    end = time.monotonic() + (minutes * 60 if minutes else float("inf"))
    writers.clear_away()
    try:
        for number in islice(count(seed), schedules):
            if time.monotonic() > end:
                break
            world.until_healthy()
            accounts.append(_play(world, writers, number))
    finally:
        writers.leave()
        _tell_all(world, accounts, seed)


def _play(world: World, writers: Writers, seed: int) -> Account:
    """Play one schedule and write it into the table; return what was found, nothing when that could not be read."""
    mishaps, cast, account = drawn(seed), cast_of(world), Account()
    with world.checking(
        _("seed {seed}: {what}").format(seed=seed, what=in_words(mishaps, cast)),
        tried=_("both mail nodes write logs and folders as Dovecot and Postfix do, while these can"),
        expected=_("no owner writes after the next one has begun; all that was acknowledged is there once"),
    ) as check:
        writers.begin(seed)
        course = _suffer(world, writers, mishaps, cast)
        writers.stop()
        book = writers.read()
        found = [chapter.judged() for chapter in book]
        account = sum(found, Account())
        _tell(check, account, course)
        if found[0].lines < LEAST_LINES:
            text = _("{what}; too few lines of mailboxes").format(what=check.obtained)
            check.saw(text, good=False, figure=check.figure)
        if not check.good:
            folder = keep(book, world.mail_nodes, str(seed))
            text = _("{what}; kept in {folder}").format(what=check.obtained[:300], folder=folder)
            check.saw(text, good=False, figure=check.figure)
        with suppress(*TROUBLE):
            writers.close()
    return account


def _suffer(world: World, writers: Writers, mishaps: tuple[Mishap, ...], cast: Cast) -> Course:
    """Let the faults happen, mend them, and wait until all is whole.

    The writers end before the storage is asked whether it is whole: what is being written is not, for a moment.
    """
    course = Course()
    try:
        time.sleep(BEFORE_SECONDS)
        course.undone = happen(mishaps, cast)
        if left := world.restore():
            raise DrillError("; ".join(left))
        mended = time.monotonic()
        writers.go_on()
        time.sleep(AFTER_SECONDS)
        writers.stop()
        world.until_healthy()
        course.whole = time.monotonic() - mended
    except TROUBLE as error:
        course.trouble = describe(error)
        with suppress(*TROUBLE):
            writers.stop()
        with suppress(*TROUBLE):  # the next schedule does not begin before all is whole
            revive(world)
    return course


def _tell(check: Observation, account: Account, course: Course) -> None:
    said = [account.in_words()]
    if course.trouble:
        said.insert(0, _("not whole: {trouble}").format(trouble=course.trouble))
    if course.undone:
        said.append(_("not done: {what}").format(what="; ".join(course.undone)))
    figure = Figure(round(course.whole, 1), "s") if course.whole else None
    check.saw("; ".join(said), good=account.good and not course.trouble, figure=figure)


def _tell_all(world: World, accounts: list[Account], seed: int) -> None:
    total = sum(accounts, Account())
    with world.checking(
        _("all schedules together"),
        tried=_("{count} schedules from seed {seed} on").format(count=len(accounts), seed=seed),
        expected=_("no overlap, nothing lost, nothing twice"),
    ) as check:
        check.saw(total.in_words(), good=total.good and bool(total.lines))


DRILL = run_for(SCHEDULES, None, SEED)
