"""The keys, as the database has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relevo.dkim.settings import Settings
from relevo.node_database import View


class Row(NamedTuple):
    """A key that is published; `sealed` is empty unless it signs."""

    domain: str
    selector: str
    public: str
    sealed: str


class Database:
    """The database, as far as relevo-dkim sees it."""

    def __init__(self, own: Settings) -> None:
        self._view = View(own, Row._fields)

    def rows(self) -> Sequence[Row]:
        """Return all keys; raise Silent when they can't be had."""
        return [Row(*row) for row in self._view.texts()]
