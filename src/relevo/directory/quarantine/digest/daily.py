"""What relevo-digest.timer starts, every ten minutes of a day: `python -m relevo.directory.quarantine.digest.daily`.

From `filter.digest_hour` on the first time makes the day's lists. The others find that they are made, or go on where
one was interrupted, on this node or on the other. What became of it is written for the agent
(services/quarantine/health.py).
"""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from relevo import directory
from relevo.cluster.wires import DIGEST_STATE
from relevo.directory.chore_notes import note
from relevo.errors import DirectoryError
from relevo.i18n import _, ngettext

if TYPE_CHECKING:
    from relevo.directory.quarantine.digest.sending import Made

log = logging.getLogger("relevo.web.digest")


def due(at: datetime) -> str:
    """Return the name of the run that is due at a moment in the platform's time zone; empty when none is."""
    wanted = settings.RELEVO_DIGEST and at.hour >= settings.RELEVO_DIGEST_HOUR
    return f"{at:%Y-%m-%d}" if wanted else ""


def now(only: str = "") -> str:
    """Make lists of what is new at this moment, whatever the hour; return what became of it.

    Args:
        only: the address of the one owner who gets one.

    Raises:
        DirectoryError: they are switched off, or not all could be sent.
    """
    from django.utils import timezone  # noqa: PLC0415 - settings are read at its first use

    from relevo.directory.quarantine.digest import runs, sending  # noqa: PLC0415 - need a started Django
    from relevo.directory.registry import find_mailbox  # noqa: PLC0415 - the same

    if not settings.RELEVO_DIGEST:
        raise DirectoryError(_("owners get no lists: filter.digest or filter.quarantine_days in relevo.toml says so"))
    address = find_mailbox(only).address if only else ""
    runs.note_order(address)
    return _told(sending.make(f"{timezone.localtime():%Y-%m-%dT%H%M%S}", address))


def daily(at: datetime) -> str:
    """Make what is due; return a sentence for the journal, empty when nothing was to be done.

    Raises:
        DirectoryError: not all lists could be sent.
    """
    from relevo.directory.quarantine.digest import runs, sending  # noqa: PLC0415 - need a started Django

    name = due(at)
    if not name or runs.is_over(name):
        return ""
    made = sending.make(name)
    runs.forget()
    return _told(made)


def _told(made: Made) -> str:
    said = [ngettext("{count} list of refused mail sent", "{count} lists of refused mail sent", made.sent)
            .format(count=made.sent)]
    if made.failed:
        said.append(_("{count} not yet ({reason})").format(count=made.failed, reason=made.trouble))
    if made.unknown:
        said.append(_("of {count} nobody knows; what they hold comes in the next ones, too").format(count=made.unknown))
    if made.failed:
        raise DirectoryError("; ".join(said))
    return "; ".join(said)


def main() -> int:
    """Do it once, and leave word of it."""
    from django.utils import timezone  # noqa: PLC0415 - settings are read at its first use

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    directory.start()
    from relevo.directory.database import explained  # noqa: PLC0415 - needs a started Django

    state = Path(DIGEST_STATE, "state.json")
    try:
        with explained():
            said = daily(timezone.localtime())
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
