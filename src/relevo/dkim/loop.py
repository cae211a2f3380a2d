"""Again and again: look, write what is different, say how it is.

How it is stands in `state.json`, for the agent's probe; `waiting` beside it is there while a key is new or retired, so
that the timer of the next step has something to do.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from relevo.dkim import writing, zone
from relevo.dkim.database import Database, Row
from relevo.dkim.keyring import keyring
from relevo.dkim.settings import Settings
from relevo.dkim.zone import ZoneFailed
from relevo.node_database import Silent

log = logging.getLogger(__name__)
EVERY = 5.0  # seconds; a change is signed with after that, and the one message at work in each of Amavis's processes
STATE, WAITING = "state.json", "waiting"


class Loop:
    """What is remembered between two looks."""

    def __init__(self, own: Settings, database: Database) -> None:
        self._own, self._database = own, database
        self._done: Sequence[Row] | None = None
        self._lasting = ""  # what is wrong with the rows themselves, until there are others
        self._said = ""

    def run(self) -> None:
        """Look for ever."""
        while True:
            self.look()
            time.sleep(EVERY)

    def look(self) -> None:
        """Look once. Whatever goes wrong is said, and tried again; nothing that is there is taken away by it."""
        try:
            rows = self._database.rows()
            if rows != self._done or not Path(self._own.table).exists():
                self._take_up(rows)
            else:
                self._say(self._lasting)
        except Silent as error:
            self._say(f"the database does not answer ({error}): the keys stay as they are")
        except (OSError, LookupError) as error:
            self._done = None
            self._say(f"that did not work, and is tried again: {error}")

    def _take_up(self, rows: Sequence[Row]) -> None:
        own = self._own
        refusal = self._published(rows)
        wanted = keyring(rows, own.box_key, own.directory, writing.table_now(own))
        if writing.carry_out(wanted, own):
            log.info("mail of %d domains is signed", wanted.count)
        waiting = Path(own.state, WAITING)
        if any(not row.sealed for row in rows):
            waiting.touch()
        else:
            waiting.unlink(missing_ok=True)
        self._done = None if refusal else rows
        self._lasting = " ".join([refusal, *wanted.troubles]).strip()
        self._say(self._lasting)

    def _published(self, rows: Sequence[Row]) -> str:
        """Have our own name servers show the keys, before any of them signs; return what is wrong with that."""
        try:
            if zone.publish(rows, self._own):
                log.info("our name servers show the DKIM keys of %s", self._own.domain)
        except ZoneFailed as error:
            return f"our name servers don't show the DKIM keys of {self._own.domain}, which is tried again: {error}"
        return ""

    def _say(self, trouble: str) -> None:
        """Note how it is; the journal has each trouble once."""
        if trouble and trouble != self._said:
            log.warning("%s", trouble)
        if self._said and not trouble:
            log.info("all is well again")
        self._said = trouble
        told = json.dumps({"at": int(time.time()), "trouble": trouble})
        writing.place(str(Path(self._own.state, STATE)), told, mode=0o644)
