"""Searches in the index of one node, each with a deadline: what was found until then is told, as a part.

    find    [[at, key], ...], the newest first, and whether these are all there are
    gather  all that is known of some messages, and of those that are linked with them

What is linked with them on the other node, that one tells when it is asked for the same keys.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from relevo.trace import store
from relevo.trace.letters import DELIVERED, RESULTS
from relevo.trace.questions import UNIQUE, Wanted

_SECONDS = 4.0
_STEPS = 20_000  # of SQLite between two looks at the clock
_MOST_LINKED = 2000  # messages on one way; more are cut off
_MOST_LINES = 4000  # of a message
_BY_LETTER = {"key": "l.key = ?", "message_id": "l.message_id = ?", "client": "l.client = ?"}
_LETTERS = "SELECT l.at, l.key FROM letter l {index}WHERE {where} ORDER BY l.at DESC, l.key DESC LIMIT ?"
_RARE = "INDEXED BY letter_results "  # most messages are delivered: the others are found without reading these
_PARTIES = (
    "SELECT l.at, l.key FROM party p CROSS JOIN letter l ON l.id = p.letter WHERE {where} "
    "ORDER BY p.at DESC LIMIT ?"
)

_HAS = "EXISTS (SELECT 1 FROM party o WHERE o.letter = l.id AND {})"


def find(path: str, wanted: Wanted) -> dict[str, Any]:
    """Return which messages fit."""
    rows: set[tuple[int, str]] = set()
    whole = True
    with closing(store.open_for_reading(path)) as connection:
        _limit_time(connection)
        for statement, values in statements(wanted):
            try:
                rows.update(connection.execute(statement, (*values, wanted.limit)))
            except sqlite3.OperationalError as error:
                if "interrupted" not in str(error):
                    raise
                whole = False
        oldest = connection.execute("SELECT min(at) FROM letter").fetchone()[0] if whole else None
    found = sorted(rows, reverse=True)[: wanted.limit]
    return {"found": found, "cut": not whole, "since": oldest or 0}


def gather(path: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return messages with their links, results and lines, and all that are linked with them here."""
    with closing(store.open_for_reading(path)) as connection:
        _limit_time(connection)
        linked = _linked(connection, keys)
        return [part for key in linked if (part := _part(connection, key, linked[key]))]


def statements(wanted: Wanted) -> Iterator[tuple[str, list[Any]]]:
    """Return the searches whose results together are what is wanted; each reads one index in the order of time."""
    for kind, value in wanted.words or [("", "")]:
        where, values = _conditions(replace(wanted, domains=None) if kind in UNIQUE else wanted)
        if kind in _BY_LETTER:
            yield _of_letter([_BY_LETTER[kind], *where]), [value, *values]
        elif kind in {"address", "domain"}:
            yield _of_party(kind, value, 0, where, values)
        elif wanted.subject:
            yield _of_letter(where), values
        elif wanted.recipient or wanted.sender:
            yield _of_one(wanted, where, values)
        elif wanted.client:
            yield _of_letter(["l.client = ?", *where]), [wanted.client, *values]
        elif wanted.domains is not None:
            for domain in sorted(wanted.domains):
                yield _of_party("domain", domain, 0, where, values)
        else:
            yield _of_letter(where or ["1"], _RARE if wanted.result not in {"", DELIVERED} else ""), values


def _of_letter(where: Sequence[str], index: str = "") -> str:
    return _LETTERS.format(where=" AND ".join(where), index=index)


def _of_one(wanted: Wanted, where: list[str], values: list[Any]) -> tuple[str, list[Any]]:
    """Search by the recipient, else by the sender; the conditions have the other one."""
    text, role = (wanted.recipient, store.RECIPIENT) if wanted.recipient else (wanted.sender, store.SENDER)
    kind, value = _named(text)
    return _of_party(kind, value, role, where, values)


def _of_party(kind: str, value: str, role: int, where: list[str], values: list[Any]) -> tuple[str, list[Any]]:
    own = [f"p.{kind} = ?", *([f"p.roles & {role}"] if role else [])]
    where = [*own, *(one.replace("l.at", "p.at") for one in where)]
    return _PARTIES.format(where=" AND ".join(where)), [value, *values]


def _conditions(wanted: Wanted) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []

    def add(condition: str, *given: object) -> None:
        where.append(condition)
        values.extend(given)

    for condition, given in (
        ("l.at >= ?", wanted.since), ("l.at < ?", wanted.until), ("l.subject = ?", wanted.subject),
        ("l.client = ?", wanted.client),
    ):
        if given:
            add(condition, given)
    if wanted.before:
        add("(l.at < ? OR (l.at = ? AND l.key < ?))", wanted.before[0], *wanted.before)
    if wanted.result:
        bit = store.bits([wanted.result])
        add(f"l.results IN ({', '.join(str(one) for one in range(1 << len(RESULTS)) if one & bit)})")
    for text, role in ((wanted.sender, store.SENDER), (wanted.recipient, store.RECIPIENT)):
        if text:
            kind, value = _named(text)
            add(_HAS.format(f"o.{kind} = ? AND o.roles & {role}"), value)
    if wanted.domains is not None:
        marks = ", ".join("?" * len(wanted.domains))
        add(_HAS.format(f"o.domain IN ({marks})"), *sorted(wanted.domains))
    return where, values


def _named(text: str) -> tuple[str, str]:
    return ("domain", text[1:]) if text.startswith("@") else ("address", text)


def _linked(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, list[str]]:
    """Return the messages on the same ways, each with what it is linked with."""
    found: dict[str, list[str]] = {}
    ahead = list(keys)
    while ahead and len(found) < _MOST_LINKED:
        key = ahead.pop()
        if key in found:
            continue
        found[key] = [one for (one,) in connection.execute(
            "SELECT b FROM link WHERE a = ?1 UNION SELECT a FROM link WHERE b = ?1", (key,)
        )]
        ahead += [one for one in found[key] if one not in found]
    return found


def _part(connection: sqlite3.Connection, key: str, links: list[str]) -> dict[str, Any] | None:
    found = connection.execute("SELECT id, at FROM letter WHERE key = ?", (key,)).fetchone()
    if not found:
        return None
    pieces = connection.execute("SELECT lines FROM piece WHERE letter = ? ORDER BY id", (found[0],))
    lines = [line for (piece,) in pieces for line in store.unpacked(piece)]
    return {"key": key, "at": found[1], "links": links, "lines": lines[:_MOST_LINES]}


def _limit_time(connection: sqlite3.Connection) -> None:
    ends = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
