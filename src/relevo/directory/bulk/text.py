"""A table's text: bytes into lines with named cells, and back, as English and Spanish spreadsheets have it.

Source: RFC 4180, with the semicolons of spreadsheets whose decimal sign is a comma. Pure; every mistake has its place.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from relevo.errors import DirectoryError
from relevo.i18n import _

MOST_LINES = 100_000
_DELIMITERS = ";,\t"
_RUN = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # a spreadsheet runs what begins so
_MARK = "'"  # before such a cell: it is text
_NAME = 30  # characters of a column's name in a message


class Mistake(NamedTuple):
    """What is wrong, and where; line and column are 0 and empty for the whole file."""

    line: int
    column: str
    message: str


class Line(NamedTuple):
    """A line's number in the file, counted as editors do, and its cells by their column's name."""

    number: int
    cells: dict[str, str]


def decode(data: bytes) -> str:
    """Return a file's text; UTF-8, with the mark that spreadsheets put before it or without.

    Raises:
        DirectoryError: it is something else.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DirectoryError(
            _("line {line} is not UTF-8: save the table as “CSV UTF-8”, as spreadsheets call it").format(line=line)
        ) from None


def parse(text: str, columns: Sequence[str], needed: Sequence[str]) -> tuple[list[Line], list[Mistake]]:
    """Return a table's lines, and what is wrong with its form.

    Args:
        text: the table, its first line the names of its columns.
        columns: names that there are.
        needed: those of them that must be there.
    """
    mistakes: list[Mistake] = []
    rows = _rows(text, mistakes)
    number, header = next(rows, (0, []))
    names = [name.strip().lower() for name in header]
    mistakes += _header_mistakes(number, names, columns, needed)
    lines = []
    for number, cells in rows:
        if len(cells) == len(names):
            lines.append(Line(number, {name: _plain(cell, name) for name, cell in zip(names, cells, strict=True)}))
        else:
            mistakes.append(Mistake(number, "", _("cells: {count}, columns that the first line names: {names}").format(
                count=len(cells), names=len(names)
            )))
    return lines, mistakes


def render(columns: Sequence[str], rows: Iterable[Mapping[str, str]], delimiter: str = ",") -> str:
    """Return a table as text; no cell of it is run by a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in columns])
    return out.getvalue()


def _rows(text: str, mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty, with their numbers; stop at what can't be read."""
    first = text.split("\n", 1)[0].rstrip("\r")
    announced = first[4:] if first.lower().startswith("sep=") and len(first) == len("sep=,") else ""
    if announced:
        text = text.split("\n", 1)[1] if "\n" in text else ""
    skipped, found = bool(announced), 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=announced or _delimiter(text), strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found += 1
                if found > MOST_LINES + 1:
                    mistakes.append(_too_long(start + skipped))
                    return
                yield start + skipped, cells
            start = reader.line_num + 1
    except csv.Error:
        mistakes.append(Mistake(start + skipped, "", _(
            "a quote is not closed, or stands within a cell: what follows can't be read"
        )))


def _too_long(line: int) -> Mistake:
    return Mistake(line, "", _("a table has at most {most} lines: cut it in parts").format(most=MOST_LINES))


def _delimiter(text: str) -> str:
    """Return what stands between the names of the columns."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=header.count) if any(sign in header for sign in _DELIMITERS) else ","


def _header_mistakes(
    line: int, names: Sequence[str], columns: Sequence[str], needed: Sequence[str]
) -> Iterator[Mistake]:
    if not any(names):
        yield Mistake(0, "", _("the table is empty; its first line names its columns: {names}").format(
            names=", ".join(columns)
        ))
        return
    for number, name in enumerate(names, 1):
        if name not in columns:
            yield Mistake(line, name[:_NAME] or str(number), _unknown(name, columns))
        elif name in names[: number - 1]:
            yield Mistake(line, name, _("there are two columns of that name"))
    for name in needed:
        if name not in names:
            yield Mistake(line, name, _("this column is missing"))


def _unknown(name: str, columns: Sequence[str]) -> str:
    if close := difflib.get_close_matches(name, columns, n=1):
        return _("there is no such column: did you mean {name}?").format(name=close[0])
    return _("there is no such column; there are: {names}").format(names=", ".join(columns))


def _plain(cell: str, column: str) -> str:
    """Take off what `_harmless` or an editor has put on; of a password every character counts."""
    if column == "password":
        return cell
    text = cell.strip()
    return text[1:] if text.startswith(_MARK) and text[1:].startswith((*_RUN, _MARK)) else text


def _harmless(text: str) -> str:
    return f"{_MARK}{text}" if text.startswith((*_RUN, _MARK)) else text
