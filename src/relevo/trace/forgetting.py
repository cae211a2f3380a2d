"""What is old goes: the index stays as small as it was promised to be."""

from __future__ import annotations

import sqlite3

from relevo.trace import store

_DAY = 86400 * 1_000_000  # microseconds
_AT_ONCE = 2000  # messages in a transaction: who searches, and the journal, wait for no more
_OLD = "SELECT id, key FROM letter WHERE at < ? ORDER BY at LIMIT ?"
_OF_ONE = (
    "DELETE FROM piece WHERE letter = ?", "DELETE FROM party WHERE letter = ?", "DELETE FROM letter WHERE id = ?",
)
_LINKS = ("DELETE FROM link WHERE a = ?", "DELETE FROM link WHERE b = ?")


def forget(db: sqlite3.Connection, now: int, days: int, most_bytes: int) -> None:
    """Remove what is older than so many days, and the oldest while the index is too large; `now` is microseconds."""
    while _remove(db, now - days * _DAY):
        pass
    while used(db) > most_bytes and _remove(db, now):
        pass
    db.execute("PRAGMA incremental_vacuum").fetchall()


def used(db: sqlite3.Connection) -> int:
    """Return how many bytes are in use."""
    size, pages, free = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_size", "page_count", "freelist_count")
    )
    return size * (pages - free)


def _remove(db: sqlite3.Connection, before: int) -> int:
    rows = db.execute(_OLD, (before, _AT_ONCE)).fetchall()
    with store.transaction(db):
        for statement in _OF_ONE:
            db.executemany(statement, [(number,) for number, _key in rows])
        for statement in _LINKS:
            db.executemany(statement, [(key,) for _number, key in rows])
    return len(rows)
