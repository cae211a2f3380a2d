"""Who shares which mailbox, as the database has it."""

from __future__ import annotations

from collections.abc import Sequence

from relevo.node_database import View
from relevo.sharing.access import Row
from relevo.sharing.settings import Settings


class Database:
    """The database, as far as relevo-sharing sees it."""

    def __init__(self, own: Settings) -> None:
        self._view = View(own, Row._fields)

    def rows(self) -> Sequence[Row]:
        """Return who shares what; raise Silent when it can't be had."""
        return [Row(*row) for row in self._view.texts()]
