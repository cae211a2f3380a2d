"""Release and delete. Each is noted for each recipient, in the database and in the audit log.

A release is noted as begun before Postfix is asked, and as done afterwards. Two at once, on either node, meet at the
note, of which there can be one only. A node that dies in between leaves one that was begun: whoever looks is told that
nobody knows, and may release again. So it errs towards not sending twice without somebody's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from relevo.directory import audit
from relevo.directory.database import changing
from relevo.directory.models import ADDRESS_LENGTH
from relevo.directory.quarantine import store
from relevo.directory.quarantine.asking import INTERRUPTED_AFTER, among, checked, states
from relevo.directory.quarantine.copies import DELETED, RELEASED, Copy
from relevo.directory.quarantine.handing_in import UnknownOutcome, hand_in
from relevo.directory.quarantine.original import original
from relevo.directory.quarantine.sight import Sight
from relevo.directory.quarantine.store import Store
from relevo.directory.quarantine_models import QuarantineMark
from relevo.errors import DirectoryError, QuarantineError
from relevo.i18n import _


@dataclass
class Outcome:
    """What became of the copies that something was to be done with."""

    do: str
    done: list[Copy] = field(default_factory=list)
    left: list[Copy] = field(default_factory=list)  # were released before
    forbidden: list[Copy] = field(default_factory=list)  # of a kind that only administrators release
    gone: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def act(sight: Sight, do: str, ids: Iterable[str]) -> Outcome:
    """Release or delete (RELEASED, DELETED) copies for those of their recipients that somebody sees.

    Raises QuarantineError when nothing could be done.
    """
    if do not in {RELEASED, DELETED}:
        raise DirectoryError(_("choose what is to be done"))
    numbers, outcome = checked(ids), Outcome(do)
    with store.opened() as line:
        seen = among(sight, numbers, line)
        outcome.gone = [number for number in numbers if number not in {one.id for one in seen}]
        for one in seen:
            _attempt(sight, one, line, outcome)
    if outcome.troubles and not outcome.done:
        raise QuarantineError(" ".join(dict.fromkeys(outcome.troubles)))
    return outcome


def _attempt(sight: Sight, found: Copy, line: Store, outcome: Outcome) -> None:
    try:
        if outcome.do == DELETED:
            _delete(found, line)
        elif sight.kinds is not None and found.kind not in sight.kinds:
            outcome.forbidden.append(found)
            return
        elif not found.open:
            outcome.left.append(found)
            return
        else:
            _release(found, line)
    except DirectoryError as error:
        outcome.troubles.append(str(error))
    else:
        outcome.done.append(found)


def _release(found: Copy, line: Store) -> None:
    message = original(line.content(found.uid), found.id)
    _begin(found, found.open)
    try:
        hand_in(found.sender, found.open, message)
    except UnknownOutcome:
        raise
    except QuarantineError:
        _forget(found, found.open)
        raise
    try:
        _note_released(found)
    except DirectoryError as error:
        raise QuarantineError(
            _("{number} is released, but that could not be noted ({reason})").format(number=found.id, reason=error)
        ) from None


@changing
def _begin(found: Copy, recipients: Sequence[str]) -> None:
    """Note that a release begins; raise DirectoryError when another one has begun meanwhile."""
    interrupted = QuarantineMark.objects.filter(
        copy=found.id, recipient__in=recipients, what=RELEASED, done_at=None,
        begun_at__lt=timezone.now() - INTERRUPTED_AFTER,
    )
    interrupted.delete()
    QuarantineMark.objects.bulk_create(
        QuarantineMark(copy=found.id, recipient=recipient, what=RELEASED) for recipient in recipients
    )


@changing
def _forget(found: Copy, recipients: Sequence[str]) -> None:
    QuarantineMark.objects.filter(copy=found.id, recipient__in=recipients, what=RELEASED, done_at=None).delete()


@changing
def _note_released(found: Copy) -> None:
    QuarantineMark.objects.filter(copy=found.id, recipient__in=found.open).update(done_at=timezone.now())
    for recipient in found.open:
        _record(RELEASED, found, recipient)


def _delete(found: Copy, line: Store) -> None:
    """Delete a copy for who is seen, and the mail itself when it is for nobody any more."""
    _note_deleted(found)
    everybody = line.copies([found.uid])
    told = states([found.id])
    if all(one.with_states(told).is_gone for one in everybody):
        line.remove([found.uid])


@changing
def _note_deleted(found: Copy) -> None:
    now = timezone.now()
    for one in found.recipients:
        QuarantineMark.objects.update_or_create(
            copy=found.id, recipient=one.address, defaults={"what": DELETED, "done_at": now}
        )
        if one.state != DELETED:
            _record(DELETED, found, one.address)


def _record(do: str, found: Copy, recipient: str) -> None:
    action = {RELEASED: "quarantine.release", DELETED: "quarantine.delete"}[do]
    audit.record(action, recipient[:ADDRESS_LENGTH], id=found.id, sender=found.sender, kind=found.kind)

