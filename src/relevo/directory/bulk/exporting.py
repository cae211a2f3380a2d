"""What there is, as a table."""

from __future__ import annotations

from relevo.directory import scope
from relevo.directory.bulk.kinds import ALIASES, Kind
from relevo.directory.bulk.text import render
from relevo.directory.models import Administrator

_ROWS = 2000  # fetched at once


def export(kind: Kind, who: Administrator | None, *, domain: str = "", delimiter: str = ",") -> str:
    """Return the entries of a kind as a table that can be imported again, without passwords and removed mailboxes.

    Args:
        kind: mailboxes, aliases or lists.
        who: an administrator, who gets what is in their domains; None for who uses a command.
        domain: only what is in this one.
        delimiter: between two cells.
    """
    entries = kind.entries()
    if kind is ALIASES:
        entries = entries.filter(automatic=False)  # each platform has its own
    if domain:
        entries = entries.filter(domain__name=domain)
    if who:
        entries = scope.within(who, entries)
    described = (kind.describe(entry) for entry in entries.iterator(_ROWS))
    rows = ({name: _cell(row[name]) for name in kind.exported} for row in described)
    return render(kind.exported, rows, delimiter)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
