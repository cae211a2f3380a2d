"""One owner's list after another: of each only what is told of is in memory, and each is a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from relevo.directory import owners
from relevo.directory.database import changing
from relevo.directory.digest_models import Digest, DigestRun
from relevo.directory.letters import Place
from relevo.directory.models import Mailbox
from relevo.directory.quarantine import store
from relevo.directory.quarantine.asking import seen
from relevo.directory.quarantine.copies import Copy
from relevo.directory.quarantine.digest import links, runs, sorting
from relevo.directory.quarantine.digest.letter import letter
from relevo.directory.quarantine.handing_in import UnknownOutcome, hand_in
from relevo.directory.quarantine.sight import EVERYTHING, OF_OWNERS, of_owner
from relevo.directory.quarantine.store import Store
from relevo.errors import DirectoryError, QuarantineError

MOST_TOLD = 50  # messages of one list
_OWNERS_AT_ONCE = 100
_IN_A_ROW = 5  # so many failures say that Postfix is away, or the database, and the rest waits


@dataclass
class Made:
    """What became of a run: lists that were sent, that failed, and of which nobody knows; and why, of the last."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    trouble: str = ""
    in_a_row: int = 0

    @property
    def gives_up(self) -> bool:
        """Whether going on is no use."""
        return self.in_a_row >= _IN_A_ROW


def make(name: str, only: str = "") -> Made:
    """Send the lists of a run that have not been sent; it is over when none failed.

    Args:
        name: of the run.
        only: the address of the one owner to whom it is sent; for the others the next run goes on where it was.

    Raises:
        QuarantineError: the quarantine can't be read; nothing was sent.
    """
    made = Made()
    with store.opened() as line:
        newest = max(line.search(EVERYTHING), default=0)
        run = runs.begin(name, line.validity, newest)
        found = sorting.by_owner(line, run, runs.earliest(run))
    addresses = sorted(found) if not only else [only] if only in found else []
    for first in range(0, len(addresses), _OWNERS_AT_ONCE):
        with store.opened() as line:  # anew: the mailboxes may be the other node's by now
            some = {one: found[one] for one in addresses[first : first + _OWNERS_AT_ONCE]}
            _to_some(_Errand(run, line, made), some)
    if not made.failed and not only:
        runs.end(run)
    return made


@dataclass(frozen=True)
class _Errand:
    """A run, the quarantine, and what became of it so far."""

    run: DigestRun
    line: Store
    made: Made


def _to_some(errand: _Errand, found: Mapping[str, Sequence[int]]) -> None:
    boxes = list(owners.wanting_digests().filter(address__in=found).exclude(digests__run=errand.run))
    starts = runs.starts(errand.run, boxes)
    for box in boxes:
        numbers = [number for number in found[box.address] if number > starts[box.pk]]
        if numbers and not errand.made.gives_up:
            _to(errand, box, starts[box.pk], numbers)


def _to(errand: _Errand, box: Mailbox, start: int, numbers: Sequence[int]) -> None:
    """Send one list, when there is something to tell."""
    shown = [one for one in seen(of_owner(box), errand.line.copies(numbers[-MOST_TOLD:])) if one.open]
    try:
        claimed = _claim(errand.run, box, start, shown) if shown else None
    except DirectoryError as error:
        _failed(errand.made, error)
        return
    if claimed:
        digest, secrets = claimed
        more = max(0, len(numbers) - MOST_TOLD)
        _send(digest, _letter(errand.run, box, [(one, secrets.get(one.id, "")) for one in shown], more), errand.made)


def _send(digest: Digest, message: bytes, made: Made) -> None:
    try:
        # Without a sender nobody is bounced for it, and who forwards it elsewhere passes DMARC there by our HELO's SPF.
        hand_in("", [digest.mailbox.address], message)
    except UnknownOutcome as error:
        made.unknown, made.trouble = made.unknown + 1, str(error)
        return
    except QuarantineError as error:
        _take_back(digest)
        _failed(made, error)
        return
    _note_sent(digest)
    made.sent, made.in_a_row = made.sent + 1, 0


def _failed(made: Made, error: DirectoryError) -> None:
    made.failed, made.trouble, made.in_a_row = made.failed + 1, str(error), made.in_a_row + 1


def _letter(run: DigestRun, box: Mailbox, told: Sequence[tuple[Copy, str]], more: int) -> bytes:
    place = Place(settings.RELEVO_HOSTNAME, settings.RELEVO_DOMAIN, run.name)
    return letter(place, box.address, owners.language_of(box), timezone.localtime(), told, more=more)


@changing
def _claim(run: DigestRun, box: Mailbox, start: int, shown: Sequence[Copy]) -> tuple[Digest, dict[str, str]] | None:
    """Write an owner's row and links; None when somebody else is about to send this list, or has."""
    if Digest.objects.filter(run=run, mailbox=box).exists():
        return None
    made = Digest.objects.create(run=run, mailbox=box, after_uid=start)
    return made, links.make(made, [one for one in shown if one.kind in OF_OWNERS])


@changing
def _take_back(digest: Digest) -> None:
    """Forget a list that was not sent: the next attempt makes it."""
    digest.delete()


@changing
def _note_sent(digest: Digest) -> None:
    """Note that it is sent; those of the same owner that were interrupted are made up for by that."""
    Digest.objects.filter(mailbox=digest.mailbox, sent_at=None).update(sent_at=timezone.now())
