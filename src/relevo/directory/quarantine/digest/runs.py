"""Which run it is, which copies it is for, and from where on for whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from relevo.directory import audit
from relevo.directory.database import changing
from relevo.directory.digest_models import Digest, DigestLink, DigestRun
from relevo.directory.models import Mailbox
from relevo.errors import QuarantineError
from relevo.i18n import _

_FIRST = timedelta(days=1)  # so far back the first one of all looks
_KEPT = timedelta(days=40)
_AT_ONCE = 1000  # rows that go in one transaction


def is_over(name: str) -> bool:
    """Tell whether a run has told everybody."""
    return DigestRun.objects.filter(name=name).exclude(ended_at=None).exists()


class Last(NamedTuple):
    """When lists were made last, and how many were sent."""

    at: datetime
    sent: int


def last() -> Last | None:
    """Return the last run that has told everybody."""
    ended = DigestRun.objects.exclude(ended_at=None).order_by("-ended_at")
    found = ended.annotate(sent=Count("digests", filter=Q(digests__sent_at__isnull=False))).first()
    return Last(found.ended_at, found.sent) if found and found.ended_at else None


@changing
def begin(name: str, validity: int, newest: int) -> DigestRun:
    """Return the run of that name: a new one for the copies since the last, or one that is to be gone on with."""
    found = DigestRun.objects.filter(name=name).first()
    if found and found.validity != validity:
        raise QuarantineError(
            _("the quarantine's mailbox was made anew since this list was begun: the next one goes on with it")
        )
    if found:
        return found
    before = DigestRun.objects.filter(validity=validity).exclude(ended_at=None).order_by("until_uid", "pk").last()
    return DigestRun.objects.create(
        name=name, validity=validity, after_uid=before.until_uid if before else 0, until_uid=newest,
        since=None if before else timezone.now() - _FIRST,
    )


@changing
def note_order(only: str) -> None:
    """Note who wants lists to be sent now, to all or to one owner."""
    audit.record("quarantine.digest", only or "*")


@changing
def end(run: DigestRun) -> None:
    """Note that everybody has been told."""
    run.ended_at = timezone.now()
    run.save(update_fields=["ended_at"])


def earliest(run: DigestRun) -> int:
    """Return behind which number there may be copies for anybody: lists that were interrupted are made up for."""
    interrupted = Digest.objects.filter(run__validity=run.validity, sent_at=None).exclude(run=run)
    return min([run.after_uid, *interrupted.values_list("after_uid", flat=True)[:_AT_ONCE]])


def starts(run: DigestRun, boxes: Sequence[Mailbox]) -> dict[int, int]:
    """Return for mailboxes, by their keys, behind which number their lists begin."""
    before = Digest.objects.filter(mailbox__in=boxes, run__validity=run.validity).exclude(run=run)
    latest = {one.mailbox_id: one for one in before.select_related("run").order_by("pk")}
    return {box.pk: _start(run, latest.get(box.pk)) for box in boxes}


def _start(run: DigestRun, before: Digest | None) -> int:
    if not before:
        return run.after_uid
    return max(run.after_uid, before.run.until_uid) if before.sent_at else before.after_uid


def forget() -> None:
    """Forget runs that are long over, some rows at a time, but never the last one: the next begins where it ended."""
    old = timezone.now() - _KEPT
    kept = DigestRun.objects.exclude(ended_at=None).order_by("until_uid", "pk").last()
    for rows in (
        DigestLink.objects.filter(expires_at__lt=old),
        Digest.objects.filter(begun_at__lt=old),
        DigestRun.objects.filter(began_at__lt=old).exclude(pk=kept.pk if kept else 0),
    ):
        while some := list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
            _delete(rows.model, some)


@changing
def _delete(model: type[DigestLink | Digest | DigestRun], keys: Sequence[int]) -> None:
    model._default_manager.filter(pk__in=keys).delete()  # noqa: SLF001 - Django's name for it
