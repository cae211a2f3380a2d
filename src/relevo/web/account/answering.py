"""Whether an owner's mail is answered, for the start page: Dovecot is asked once in a while, not at each visit.

A question costs two changes in the database and a login to ManageSieve, and makes the page wait when nobody answers. So
what it said is kept in the session, with the time, and that nobody answered is kept, too. What the owner sets here is
known at once; what the webmail sets, when the time is over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.http import HttpRequest

from relevo.directory.models import Mailbox
from relevo.directory.sieve import absence
from relevo.directory.sieve.notes import Note
from relevo.errors import DirectoryError, UnavailableError
from relevo.web.login import sentence

KEPT, SILENCE_KEPT = 300, 30  # seconds
PATIENCE = 2.0  # seconds: what the page is for is something else
_KEY = "answering"


@dataclass(frozen=True)
class Answering:
    """What was said: on or off, its days, or in `refusal` why that is not known; `asked` is when, None: just now."""

    on: bool = False
    first: date | None = None
    last: date | None = None
    refusal: str = ""
    asked: datetime | None = None


def look(request: HttpRequest, box: Mailbox) -> Answering:
    """Return what is known, and ask when that is too old."""
    if known := _kept(request):
        return known
    try:
        note = absence.read(box, within=PATIENCE)
    except DirectoryError as error:
        good_for = SILENCE_KEPT if isinstance(error, UnavailableError) else KEPT
        _keep(request, good_for, refusal=sentence(error))
        return Answering(refusal=sentence(error))
    keep(request, note)
    return Answering(note.on, note.first, note.last)


def keep(request: HttpRequest, note: Note) -> None:
    """Keep what has been read or set, without its text."""
    days = {name: day.isoformat() for name, day in (("first", note.first), ("last", note.last)) if day}
    _keep(request, KEPT, on=note.on, **days)


def _keep(request: HttpRequest, seconds: int, **told: object) -> None:
    now = time.time()
    request.session[_KEY] = {"asked": now, "until": now + seconds, **told}


def _kept(request: HttpRequest) -> Answering | None:
    told = request.session.get(_KEY)
    if not told or not told["asked"] <= time.time() < told["until"]:
        return None
    first, last = (date.fromisoformat(told[name]) if name in told else None for name in ("first", "last"))
    asked = datetime.fromtimestamp(told["asked"], UTC)
    return Answering(told.get("on", False), first, last, told.get("refusal", ""), asked)
