"""What goes by itself: `python -m relevo.directory.quarantine.chores`, started by relevo-quarantine.timer.

Copies go after `filter.quarantine_days`, and the oldest before that when they take more than three quarters of the
room. The rest is for what comes between two runs; when that is used up, too, copies are given up (services/postfix).
"""

from __future__ import annotations

import logging
import sys
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from relevo import directory
from relevo.errors import DirectoryError

_SHARE = 0.75
_MIB = 1 << 20
_MARKS_LONGER = timedelta(days=2)
log = logging.getLogger("relevo.web.quarantine")


def tidy() -> int:
    """Remove what is over; return how many copies went."""
    from relevo.directory.quarantine import store  # noqa: PLC0415 - needs a started Django
    from relevo.directory.quarantine.sight import EVERYTHING  # noqa: PLC0415 - the same

    days = int(settings.RELEVO_QUARANTINE_DAYS)
    with store.opened() as line:
        today = timezone.localdate()
        old = line.search(EVERYTHING, before=today - timedelta(days=days) if days else today + timedelta(days=2))
        line.remove(old)
        more = too_many(line.sizes(), int(_SHARE * settings.RELEVO_QUARANTINE_MB * _MIB))
        line.remove(more)
    forget_marks(days)
    return len(old) + len(more)


def too_many(sizes: dict[int, int], room: int) -> list[int]:
    """Return the numbers of the oldest copies that must go for the others to fit into so many bytes."""
    kept = 0
    gone = []
    for number in sorted(sizes, reverse=True):
        kept += sizes[number]
        if kept > room:
            gone.append(number)
    return gone


def forget_marks(days: int) -> None:
    """Forget what became of copies that have gone by now."""
    from relevo.directory.database import changing  # noqa: PLC0415 - needs a started Django
    from relevo.directory.quarantine_models import QuarantineMark  # noqa: PLC0415 - the same

    @changing
    def forget() -> None:
        QuarantineMark.objects.filter(begun_at__lt=timezone.now() - timedelta(days=days) - _MARKS_LONGER).delete()

    forget()


def main() -> int:
    """Do it all once."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    directory.start()
    try:
        gone = tidy()
    except DirectoryError as error:
        log.error("%s", error)  # noqa: TRY400 - one sentence for the journal
        return 1
    if gone:
        log.info("%s copies have left the quarantine", gone)
    return 0


if __name__ == "__main__":
    sys.exit(main())
