"""Again and again: look, write what is different, tell Dovecot, say how it is in `state.json`."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from relevo.node_database import Silent
from relevo.sharing import dovecot, writing
from relevo.sharing.access import Row, access, lost
from relevo.sharing.database import Database
from relevo.sharing.dovecot import Refused
from relevo.sharing.settings import Settings

log = logging.getLogger(__name__)
EVERY = 2.0  # seconds; with Dovecot's acl_cache_ttl a change counts everywhere within five
STATE = "state.json"
_AT_ONCE = 20  # mailboxes that are prepared in one look: who has lost a right does not wait for hundreds of them


class Loop:
    """What is remembered between two looks."""

    def __init__(self, own: Settings, database: Database) -> None:
        self._own, self._database = own, database
        self._done: Sequence[Row] | None = None
        self._prepared: set[str] = set()  # mailboxes whose folders are there
        self._to_end: set[str] = set()  # members whose sessions must go
        self._said: str | None = None

    def run(self) -> None:
        """Look for ever."""
        while True:
            self.look()
            time.sleep(EVERY)

    def look(self) -> None:
        """Look once. Whatever goes wrong is said, and tried again; nothing that is there is taken away by it."""
        try:
            rows = self._database.rows()
            if rows != self._done or not writing.is_whole(self._own):
                self._take_up(rows)
            self._tell_dovecot(rows)
        except Silent as error:
            self._say(f"the database does not answer ({error}): who shares what stays as it is")
        except (OSError, Refused) as error:
            self._say(f"that did not work, and is tried again: {error}")
        else:
            self._say("")

    def _take_up(self, rows: Sequence[Row]) -> None:
        own = self._own
        wanted = access(rows, own.prefix, own.mailboxes)
        self._to_end |= lost(writing.text(own.rights), wanted.rights)
        if writing.carry_out(wanted, own):
            log.info("%d members share %d mailboxes", len({row.member for row in rows}), len({r.mailbox for r in rows}))
        self._done = rows

    def _tell_dovecot(self, rows: Sequence[Row]) -> None:
        """Where the mailboxes are, end sessions and make folders; elsewhere nobody is logged in."""
        if not Path(self._own.active).is_symlink():
            self._to_end.clear()
            return
        for member in sorted(self._to_end):
            dovecot.ask(self._own.root, "kick", member)
            self._to_end.discard(member)
        self._prepared &= {row.mailbox for row in rows}
        for mailbox in sorted({row.mailbox for row in rows} - self._prepared)[:_AT_ONCE]:
            dovecot.ask(self._own.root, "prepare", mailbox)
            self._prepared.add(mailbox)

    def _say(self, trouble: str) -> None:
        """Note how it is; the journal has each trouble once."""
        if trouble and trouble != self._said:
            log.warning("%s", trouble)
        if self._said and not trouble:
            log.info("all is well again")
        self._said = trouble
        writing.place(str(Path(self._own.state, STATE)), json.dumps({"at": int(time.time()), "trouble": trouble}))
