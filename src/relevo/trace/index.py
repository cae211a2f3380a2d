"""What the journal says, put into the index: lines, what they come to, and where the journal has been read to.

All of a portion is one transaction, the cursor among it: after a crash or a power cut the journal is read on from where
the index ends, and no line is lost or doubled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from relevo.trace import store
from relevo.trace.connections import Connections
from relevo.trace.letters import DELETED, ENDED_BY, Letter
from relevo.trace.lines import Event, Line, parse
from relevo.trace.parts import bare, domain

_NEAR = 600 * 1_000_000  # microseconds: so soon a program that Sieve has called hands a forwarded message in
_FILTER = "amavis."

_NEW = """INSERT INTO letter
(key, at, last, message_id, subject, client, size, count, marks, results, by_program, forwards)
VALUES (?, ?, ?, '', '', '', 0, 0, 0, 0, 0, 0)"""
_SUM = """UPDATE letter SET last = max(last, ?1), sender = coalesce(?2, sender),
message_id = CASE ?3 WHEN '' THEN message_id ELSE ?3 END, client = CASE ?4 WHEN '' THEN client ELSE ?4 END,
size = max(size, ?5), count = ?6, is_open = ?7, marks = ?8, results = ?9, by_program = by_program | ?10,
forwards = forwards | ?11, subject = CASE ?12 WHEN '' THEN subject ELSE ?12 END WHERE id = ?13"""
_PARTY = """INSERT INTO party (letter, address, domain, at, roles, result) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (letter, address) DO UPDATE SET roles = roles | excluded.roles,
result = CASE excluded.result WHEN '' THEN result ELSE excluded.result END"""
_RECIPIENTS = "SELECT address, result FROM party WHERE letter = ? AND roles & ?"
_END = "UPDATE party SET result = ?1 WHERE letter = ?2 AND roles & ?3 AND result IN (?4, ?5)"
_CHILDREN = """INSERT OR IGNORE INTO link (a, b) SELECT ?1, key FROM letter
WHERE message_id = ?2 AND by_program AND at BETWEEN ?3 AND ?4"""
_PARENTS = """INSERT OR IGNORE INTO link (a, b) SELECT key, ?1 FROM letter
WHERE message_id = ?2 AND forwards AND at BETWEEN ?3 AND ?4"""


class Entry(NamedTuple):
    """A line of the journal, the boot it is of, and the cursor behind it."""

    line: Line
    boot: str
    cursor: str


@dataclass
class _New:
    """What has come of one message."""

    lines: list[Line] = field(default_factory=list)
    letter: Letter = field(default_factory=Letter)
    by_program: bool = False
    forwards: bool = False

    def take(self, line: Line, event: Event | None) -> None:
        self.lines.append(line)
        if event:
            self.letter.take(event)
            self.by_program |= event.kind == "handed"
            self.forwards |= event.kind == "forwarded"


class Index:
    """The index of one node, for whoever writes it."""

    def __init__(self, path: str, node: str) -> None:
        self.db = store.open_for_writing(path)
        self._connections = Connections(node, json.loads(self._state("connections") or "{}"))
        self._new: dict[str, _New] = {}
        self._cursor = ""

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @property
    def cursor(self) -> str:
        """Where the journal has been read to, empty at the first start."""
        return self._state("cursor")

    @property
    def has_news(self) -> bool:
        """Whether anything was taken that says something of a message."""
        return bool(self._new)

    def take(self, entries: Iterable[Entry]) -> None:
        """Add a portion of the journal; nothing is written yet."""
        for line, boot, cursor in entries:
            self._cursor = cursor
            for key, placed, event in self._placed(line, boot):
                self._new.setdefault(key, _New()).take(placed, event)

    def write(self) -> None:
        """Write what was taken, and how far the journal was read for it."""
        with store.transaction(self.db):
            for key, one in self._new.items():
                self._write(key, one)
            for key, one in self._new.items():
                self._meet(key, one)
            if self._cursor:
                self._note("cursor", self._cursor)
            self._note("connections", json.dumps(self._connections.remembered(), ensure_ascii=False))
        self._new = {}

    # --- a portion ----------------------------------------------------------------------------------------------------
    def _placed(self, line: Line, boot: str) -> Iterator[tuple[str, Line, Event | None]]:
        if not (event := parse(line)):
            return
        event = replace(event, key=_of_boot(event.key, boot), link=_of_boot(event.link, boot))
        for key, placed in self._connections.place(line, event):
            yield key, placed, event if placed is line else parse(placed)

    def _write(self, key: str, one: _New) -> None:
        at, last = min(line.at for line in one.lines), max(line.at for line in one.lines)
        found = self.db.execute("SELECT id, at, marks, is_open, count FROM letter WHERE key = ?", (key,)).fetchone()
        number, at, *before = found or (self.db.execute(_NEW, (key, at, last)).lastrowid or 0, at, 0, None, 0)
        self.db.execute("INSERT INTO piece (letter, lines) VALUES (?, ?)", (number, store.packed(one.lines)))
        self.db.executemany("INSERT OR IGNORE INTO link (a, b) VALUES (?, ?)", [(key, b) for b in one.letter.links])
        self._address(number, at, one.letter)
        self._sum_up(number, last, one, before)

    def _address(self, number: int, at: int, letter: Letter) -> None:
        if letter.ends:
            before = ENDED_BY[letter.ends]
            self.db.execute(_END, (letter.ends, number, store.RECIPIENT, before[0], before[-1]))
        rows = [(one, store.RECIPIENT, result) for one, result in letter.recipients.items()]
        rows += [(plain, store.RECIPIENT, "") for one in letter.recipients if (plain := bare(one)) != one]
        rows += [(letter.sender, store.SENDER, "")] if letter.sender else []
        self.db.executemany(_PARTY, [(number, one, domain(one), at, roles, result) for one, roles, result in rows])

    def _sum_up(self, number: int, last: int, one: _New, before: list[Any]) -> None:
        letter, (marks, is_open, count) = one.letter, before
        whole = Letter(
            count=letter.count or count, marks=letter.marks | store.names(marks),
            is_open=letter.is_open if letter.is_open is not None else None if is_open is None else bool(is_open),
            recipients=dict(self.db.execute(_RECIPIENTS, (number, store.RECIPIENT))),
        )
        if DELETED in whole.marks:
            whole.is_open = False
        self.db.execute(_SUM, (
            last, letter.sender, letter.message_id, letter.client, letter.size, whole.count, whole.is_open,
            store.bits(whole.marks), store.bits(whole.results), one.by_program, one.forwards, letter.subject, number,
        ))

    def _meet(self, key: str, one: _New) -> None:
        """Link what Sieve forwards with the message that comes of it: they have the same Message-ID, nothing else."""
        found = self.db.execute(
            "SELECT at, message_id, by_program, forwards FROM letter WHERE key = ?", (key,)
        ).fetchone() if one.letter.message_id else None
        if found and (found[2] or found[3]):
            at, message_id, by_program, _forwards = found
            self.db.execute(_PARENTS if by_program else _CHILDREN, (key, message_id, at - _NEAR, at + _NEAR))

    # --- the state ----------------------------------------------------------------------------------------------------
    def _state(self, name: str) -> str:
        found = self.db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def _note(self, name: str, value: str) -> None:
        self.db.execute(
            "INSERT INTO state (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", (name, value)
        )


def _of_boot(key: str, boot: str) -> str:
    """Return a key that is unique: the filter's numbers begin anew with the machine."""
    return f"{key}.{boot[:8]}" if key.startswith(_FILTER) and boot else key
