"""What becomes of keys by itself; relevo-dkim-step.timer has it looked at on each mail node (`relevo dkim step`).

A new key signs once DNS has shown it for a while, never before. A retired one is deleted when its time is over and DNS
does not show it any more. Two nodes that see the same do it once: each step is a transaction that looks again.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from relevo.directory import audit
from relevo.directory.database import changing
from relevo.directory.dkim import keys, publishing
from relevo.directory.dkim_models import DkimKey, KeyState
from relevo.errors import DirectoryError, DnsError, UnavailableError
from relevo.i18n import _
from relevo.records.verdict import Finding, Verdict

# By then servers that take a zone over from another one have it.
SETTLED = timedelta(minutes=8)
_WHO = "relevo-dkim"


def run() -> list[str]:
    """Look at each key that something may become of; return what was done, a sentence each.

    Raises:
        DnsError: nobody can be asked; nothing was done then that needs an answer.
    """
    with audit.acting(_WHO, ""):
        return [said for key in keys.listing() if _waits(key) and (said := _step(key))]


def _waits(key: DkimKey) -> bool:
    return key.state == KeyState.NEW or key.may_go


def _step(key: DkimKey) -> str:
    """Take the step of one key; that of another must not wait for one that can't be taken."""
    found = publishing.shows(key)
    try:
        return _of_new(key, found) if key.state == KeyState.NEW else _of_retired(key, found)
    except (DnsError, UnavailableError):
        raise
    except DirectoryError:  # somebody has just done it, or something else
        return ""


def _of_new(key: DkimKey, found: Finding) -> str:
    shown = found.verdict is Verdict.RIGHT and not found.trouble
    if not shown or not key.seen_at:
        if shown or (key.seen_at and found.verdict is not Verdict.UNKNOWN):
            _note_seen(key, shown=shown)
        return ""
    if timezone.now() - key.seen_at < SETTLED:
        return ""
    keys.let_sign(key.domain.name, key.selector, because="shown")
    return _("{domain} signs with {selector} now: DNS shows it").format(domain=key.domain, selector=key)


def _of_retired(key: DkimKey, found: Finding) -> str:
    if found.verdict is not Verdict.MISSING:
        return ""
    keys.delete(key.domain.name, key.selector)
    return _("{name} is deleted: nobody needs it, and DNS does not show it any more").format(name=key.name)


@changing
def _note_seen(key: DkimKey, *, shown: bool) -> None:
    DkimKey.objects.filter(pk=key.pk, state=KeyState.NEW).update(seen_at=timezone.now() if shown else None)
