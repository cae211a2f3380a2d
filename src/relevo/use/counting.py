"""The sizes of mailboxes in which something has changed, counted at a bounded rate on the node that has the mailboxes.

What is due stands in the database, so a failover forgets none. Mailboxes that nobody has used yet are swept for, and
counted once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from relevo.node_database import Silent
from relevo.use import sizes
from relevo.use.database import Database
from relevo.use.settings import Settings

log = logging.getLogger(__name__)
PART, EVERY = 50, 5.0  # mailboxes that Dovecot is asked for, and seconds until the next ones: ten a second at most
# Addresses that are swept, how many of them may be new, and seconds until the next ones: an import of ten thousand
# mailboxes is counted in an hour and a half, not in minutes in which the storage does nothing else.
_PAGE, _NEW, _PAGE_EVERY = 500, 20, 10.0
_SWEEP_EVERY = 3600.0  # seconds from the end of a sweep to the next one
_FORGET, _FORGET_EVERY = 1000, 86400.0


class Counting:
    """What is done beside reading the journal, where mailboxes are this node's own."""

    def __init__(self, own: Settings, database: Database) -> None:
        self._active, self._own = Path(own.active), own
        self._database = Database(own) if isinstance(database, Database) else database  # a connection is one thread's
        self._after = ""
        self._sweep_at = self._forget_at = 0.0
        self._said = ""

    async def run(self) -> None:
        """Work for ever."""
        while True:
            if self._active.is_symlink():
                await asyncio.to_thread(self.step)
            await asyncio.sleep(EVERY)

    def step(self) -> None:
        """Count some, and do what else is due."""
        now = time.monotonic()
        try:
            self._count()
            if now >= self._sweep_at:
                self._after = self._database.sweep(self._after, _PAGE, _NEW)
                self._sweep_at = now + (_PAGE_EVERY if self._after else _SWEEP_EVERY)
            if now >= self._forget_at:
                more = self._database.forget_devices(_FORGET)
                self._forget_at = now + (_PAGE_EVERY if more else _FORGET_EVERY)
        except Silent as error:
            self._say(f"the database does not answer ({error}): sizes are counted later")
        except sizes.NotNow as error:
            self._say(f"Dovecot does not tell how full mailboxes are ({error}): it is asked again")
        else:
            self._say("")

    def _count(self) -> None:
        if (due := self._database.due(PART)) and self._active.is_symlink():
            at = int(time.time() * 1e6)
            self._database.write_sizes(due, sizes.ask(due), at)

    def _say(self, trouble: str) -> None:
        """Tell the journal of each trouble once."""
        if trouble and trouble != self._said:
            log.warning("%s", trouble)
        self._said = trouble
