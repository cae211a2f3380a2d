"""What relevo-held.timer starts every five minutes: `python -m relevo.directory.held.chores`.

Owners are told what waits for them, and what nobody has decided about goes after 30 days. What became of it is written
for the agent (services/quarantine/health.py).
"""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone

from relevo import directory
from relevo.cluster.wires import HELD_STATE
from relevo.directory.chore_notes import note
from relevo.errors import DirectoryError, QuarantineError
from relevo.i18n import _

if TYPE_CHECKING:
    from relevo.directory.held.posts import Post

DAYS = 30
_MARKS_LONGER = timedelta(days=2)
log = logging.getLogger("relevo.web.held")


def tidy() -> int:
    """Remove posts that nobody has decided about in time, and what is left of others; return how many went."""
    from relevo.directory.held import box  # noqa: PLC0415 - needs a started Django
    from relevo.directory.held.asking import still_waiting  # noqa: PLC0415 - the same
    from relevo.directory.quarantine.sight import EVERYTHING  # noqa: PLC0415 - the same

    with box.opened() as line:
        posts = line.posts()
        young = {one.id for one in still_waiting(posts) if not _is_over(one)}
        over = [one.id for one in posts if one.id not in young]
        line.remove(line.numbers_of(over) if over else [])
        line.remove(line.search(EVERYTHING, before=timezone.localdate() - timedelta(days=DAYS + 1)))  # no posts at all
    _forget()
    return len(over)


def _is_over(one: Post) -> bool:
    return one.at < timezone.now() - timedelta(days=DAYS)


def _forget() -> None:
    """Forget decisions about posts that have gone by now, and links that are too old."""
    from relevo.directory.database import changing  # noqa: PLC0415 - needs a started Django
    from relevo.directory.moderation_models import PostLink, PostMark  # noqa: PLC0415 - the same

    @changing
    def forget() -> None:
        now = timezone.now()
        PostMark.objects.filter(begun_at__lt=now - timedelta(days=DAYS) - _MARKS_LONGER).delete()
        PostLink.objects.filter(expires_at__lt=now).delete()

    forget()


def run() -> str:
    """Do it all once; return a sentence for the journal, empty when nothing was to be done.

    Raises:
        DirectoryError: not everybody could be told.
    """
    from relevo.directory.held.telling import tell  # noqa: PLC0415 - needs a started Django

    told, gone = tell(), tidy()
    said = [f"owners told: {told.sent}"] if told.sent else []
    said += [f"posts gone that nobody decided about, or whose list is gone: {gone}"] if gone else []
    if told.failed:
        text = _("owners not told yet: {count} ({why})")
        raise QuarantineError(text.format(count=told.failed, why=told.trouble))
    return ", ".join(said)


def main() -> int:
    """Do it, for the timer, and leave word of it."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    directory.start()
    from relevo.directory.database import explained  # noqa: PLC0415 - needs a started Django

    state = Path(HELD_STATE, "state.json")
    try:
        with explained():
            said = run()
    except DirectoryError as error:
        log.error("%s", error)  # noqa: TRY400 - one sentence for the journal
        note(state, trouble=str(error))
        return 1
    if said:
        log.info("%s", said)
    note(state, said=said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
