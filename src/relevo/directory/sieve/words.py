"""The words of a Sieve script (RFC 5228, section 2 and 8.1), each with its place, so that all else stays as it is."""

from __future__ import annotations

import re
from typing import NamedTuple

from relevo.errors import DirectoryError
from relevo.i18n import _

_WORD = re.compile(
    r"""
    (?P<comment> \#[^\n]* | /\*.*?\*/ )
    | (?P<text> "(?:[^"\\]|\\.)*" | text:[ \t]*(?:\#[^\n]*)?\r?\n (?:.*?\n)?? \.\r?(?:\n|$) )
    | (?P<name> :?[A-Za-z_]\w* | \d+[KMGkmg]? )
    | (?P<mark> [][(){},;] )
    | (?P<space> \s+ )
    """,
    re.VERBOSE | re.DOTALL,
)


class Word(NamedTuple):
    """A word: `kind` is comment, text, name or mark; it stands in the script from `start` to `end`."""

    kind: str
    source: str
    start: int
    end: int

    def says(self, name: str) -> bool:
        """Tell whether it is that name or mark; names are the same in any case."""
        return self.kind in {"name", "mark"} and self.source.lower() == name

    @property
    def value(self) -> str:
        """What a text says."""
        if self.source.startswith('"'):
            return re.sub(r"\\(.)", r"\1", self.source[1:-1], flags=re.DOTALL)
        lines = self.source.replace("\r\n", "\n").split("\n")[1:]
        lines = lines[: lines.index(".")]
        return "\n".join(line.removeprefix(".") if line.startswith("..") else line for line in lines)


def words(script: str) -> list[Word]:
    """Return all words of a script but the space between them."""
    found, at = [], 0
    while at < len(script):
        if not (match := _WORD.match(script, at)):
            raise DirectoryError(_("there is something in the mail filters that can't be read: mend it in the webmail"))
        if match.lastgroup != "space":
            found.append(Word(str(match.lastgroup), match[0], at, match.end()))
        at = match.end()
    return found


def quoted(text: str) -> str:
    """Return a text as it is written in a script."""
    if "\n" not in text:
        return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    lines = (f".{line}" if line.startswith(".") else line for line in text.split("\n"))
    return "text:\r\n" + "\r\n".join(lines) + "\r\n.\r\n"


def listed(texts: list[str]) -> str:
    """Return one text, or a list of them, as it is written in a script."""
    written = ",".join(map(quoted, texts))
    return written if len(texts) == 1 else f"[{written}]"
