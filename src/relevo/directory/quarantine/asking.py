"""What is in the quarantine, as far as somebody may see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from relevo.directory.database import explained
from relevo.directory.quarantine import store
from relevo.directory.quarantine.copies import ID, RELEASED, Copy
from relevo.directory.quarantine.original import as_it_came
from relevo.directory.quarantine.reading import MOST_BYTES, Reading, read
from relevo.directory.quarantine.sight import Sight
from relevo.directory.quarantine.store import Store
from relevo.directory.quarantine_models import QuarantineMark
from relevo.errors import DirectoryError
from relevo.i18n import _

MOST_ROWS = 200  # on one page
MOST_IDS = 200
_MOST_WORDS = 10
INTERRUPTED_AFTER = timedelta(minutes=2)  # a release that has not ended by then was interrupted
INTERRUPTED, UNDER_WAY = "interrupted", "releasing"


@dataclass(frozen=True)
class Listing:
    """What was found, the latest first; `matching` on all pages; `after` begins the next page, 0 when there is none."""

    copies: Sequence[Copy]
    matching: int
    after: int


def listing(sight: Sight, *, text: str = "", after: int = 0, limit: int = 50) -> Listing:
    """Return the copies that somebody sees; with `text` those with all its words in addresses or subject."""
    with store.opened() as line:
        found = line.search(sight, words=text.split()[:_MOST_WORDS])
        rest = [number for number in found if not after or number < after]
        page = rest[: min(limit, MOST_ROWS)]
        shown = seen(sight, line.copies(page))
    return Listing(shown, len(found), page[-1] if len(rest) > len(page) else 0)


def find(sight: Sight, number: str) -> Copy:
    """Return a copy that somebody sees; raise DirectoryError when there is none."""
    with store.opened() as line:
        return _found(sight, number, line)


def whole(sight: Sight, number: str) -> tuple[Copy, Reading]:
    """Return a copy and what is in it."""
    with store.opened() as line:
        found = _found(sight, number, line)
        raw = line.content(found.uid, MOST_BYTES)
    return found, read(as_it_came(raw), cut=found.size > MOST_BYTES)


def several(sight: Sight, given: Iterable[str]) -> list[Copy]:
    """Return those of some copies that are there and that somebody sees."""
    with store.opened() as line:
        return among(sight, given, line)


def among(sight: Sight, given: Iterable[str], line: Store) -> list[Copy]:
    """Do the same on a connection."""
    copies = [one for number in checked(given) for one in line.copies(line.search(sight, number=number))]
    return seen(sight, copies)


def checked(given: Iterable[str], form: re.Pattern[str] = ID) -> list[str]:
    """Return ids of copies, or of what has ids of another form, each once; raise DirectoryError when one can't be."""
    numbers = list(dict.fromkeys(given))
    if not numbers:
        raise DirectoryError(_("choose at least one message"))
    if len(numbers) > MOST_IDS:
        raise DirectoryError(_("at most {most} messages at once").format(most=MOST_IDS))
    for number in numbers:
        if not form.fullmatch(number):
            raise DirectoryError(_("{number!r} is not the id of a message").format(number=number))
    return numbers


def _found(sight: Sight, number: str, line: Store) -> Copy:
    if there := among(sight, [number], line):
        return there[0]
    raise DirectoryError(
        _("there is no message {number} in the quarantine: it was deleted, or its days are over").format(number=number)
    )


def seen(sight: Sight, copies: Iterable[Copy]) -> list[Copy]:
    """Return of some copies what somebody sees of them, with what has become of each."""
    own = [theirs for one in copies if (theirs := one.seen_by(sight))]
    told = states([one.id for one in own])
    return [one for copy in own if not (one := copy.with_states(told)).is_gone]


def states(numbers: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return what has become of copies, by id and recipient."""
    with explained():
        marks = list(QuarantineMark.objects.filter(copy__in=numbers))
    return {(mark.copy, mark.recipient): _state(mark) for mark in marks}


def _state(mark: QuarantineMark) -> str:
    if mark.what != RELEASED or mark.done_at:
        return mark.what
    return INTERRUPTED if mark.begun_at < timezone.now() - INTERRUPTED_AFTER else UNDER_WAY
