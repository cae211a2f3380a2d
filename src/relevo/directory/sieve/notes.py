"""An absence note as plain values, in and out of the rule that sends it.

A rule is written as Roundcube writes it: one `if`, its tests in one `allof`, switched off by `if false # TESTS`. Of a
rule that is there the tests and words that are not known here are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from relevo.directory.sieve.words import Word, listed, quoted, words
from relevo.errors import DirectoryError
from relevo.i18n import _

NEEDS = {"date", "relational", "vacation"}
_NAME = "Vacation"
_DATE = re.compile(r'currentdate\b.*:value\s+"(ge|le)"\s+"(?:date|iso8601)"\s+"(\d{4}-\d\d-\d\d)', re.IGNORECASE)
_SENDERS = re.compile(r'(not\s+)?address\s+:matches\s+"from"\s+(.+)', re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Note:
    """What is answered, and when: `only` and `never` are addresses of senders, or `*@DOMAIN`; days count whole."""

    on: bool = False
    subject: str = ""
    text: str = ""
    first: date | None = None
    last: date | None = None
    only: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Parts:
    """A rule taken apart: tests, what stands before the note, its options, and what stands behind it."""

    off: bool = False
    tests: list[str] = field(default_factory=list)
    before: str = ""
    options: str = ""
    subject: str = ""
    text: str = ""
    behind: str = ""


@contextmanager
def _understood() -> Iterator[None]:
    """Turn a rule of another form, which only a hand can have given it, into one sentence."""
    try:
        yield
    except (StopIteration, IndexError, ValueError):
        raise DirectoryError(
            _("your absence note has a form that is not known here: change it in the webmail, under Filters")
        ) from None


def read(rule: str) -> Note:
    """Return the note that a rule sends."""
    with _understood():
        return _note(rule)


def _note(rule: str) -> Note:
    parts = _parts(rule)
    found = [match for test in parts.tests if (match := _DATE.match(test))]
    days = {match[1].lower(): date.fromisoformat(match[2]) for match in found}
    senders = [match for test in parts.tests if (match := _SENDERS.fullmatch(test))]
    named = {bool(match[1]): [word.value for word in words(match[2]) if word.kind == "text"] for match in senders}
    return Note(
        not parts.off, parts.subject, parts.text, days.get("ge"), days.get("le"), named.get(False, []),
        named.get(True, []),
    )


def write(note: Note, zone: str, name: str = "", old: str = "") -> str:
    """Return the rule that sends a note, with what of an old rule is not ours.

    Args:
        note: what is sent.
        zone: the time zone in which its days begin and end.
        name: of the rule.
        old: the rule as it is.
    """
    with _understood():
        parts = _parts(old) if old else _Parts()
    others = [test for test in parts.tests if test.lower() != "true" and not _DATE.match(test)
              and not _SENDERS.fullmatch(test)]
    tests = [*others, *_tests(note, zone)] or ["true"]
    condition = f"allof ({', '.join(tests)})" if len(tests) > 1 else tests[0]
    if not note.on:
        condition = "false # " + re.sub(r"\s*\r?\n\s*", " ", condition)
    options = f" {parts.options}" if parts.options else ""
    subject = f" :subject {quoted(note.subject)}" if note.subject else ""
    return (
        f"# rule:[{name or _NAME}]\r\nif {condition}\r\n{{\r\n{parts.before}"
        f"\tvacation{options}{subject} {quoted(note.text)};\r\n{parts.behind}}}\r\n"
    )


def _tests(note: Note, zone: str) -> list[str]:
    return [
        *([f'address :matches "from" {listed(note.only)}'] if note.only else []),
        *([f'not address :matches "from" {listed(note.never)}'] if note.never else []),
        *(_of_day("ge", note.first, zone) if note.first else []),
        *(_of_day("le", note.last, zone) if note.last else []),
    ]


def _of_day(relation: str, day: date, zone: str) -> list[str]:
    offset = datetime.combine(day, time(12), ZoneInfo(zone)).strftime("%z")
    return [f'currentdate :zone "{offset}" :value "{relation}" "date" "{day.isoformat()}"']


def _parts(rule: str) -> _Parts:
    found = words(rule)
    opening = next(number for number, word in enumerate(found) if word.says("{"))
    closing = max(number for number, word in enumerate(found) if word.says("}"))
    start = next(number for number, word in enumerate(found) if word.says("vacation"))
    end = next(number for number in range(start, closing) if found[number].says(";"))
    off, tests = _condition(rule, found[:opening])
    subject, text, options = _options(rule, found[start + 1 : end])
    return _Parts(
        off, tests, _lines(rule[found[opening].end : found[start].start]), options, subject, text,
        _lines(rule[found[end].end : found[closing].start]),
    )


def _condition(rule: str, found: list[Word]) -> tuple[bool, list[str]]:
    """Return whether a rule is switched off, and its tests, of which each must be so."""
    at = next(number for number, word in enumerate(found) if word.says("if"))
    behind = found[at + 1 :]
    off = behind[0].says("false") and len(behind) > 1 and behind[1].kind == "comment"
    source = behind[1].source[1:].strip() if off else rule[behind[0].start : behind[-1].end]
    inner = words(source)
    if not inner or not inner[0].says("allof"):
        return off, [source] if inner else []
    return off, _between_commas(source[inner[1].end : inner[-1].start])


def _between_commas(source: str) -> list[str]:
    depth, start, parts = 0, 0, []
    for word in words(source):
        depth += word.says("(") + word.says("[") - word.says(")") - word.says("]")
        if word.says(",") and not depth:
            parts.append(source[start : word.start].strip())
            start = word.end
    return [*parts, source[start:].strip()]


def _options(rule: str, found: list[Word]) -> tuple[str, str, str]:
    """Return subject and text of a note, and its other options as they are written."""
    *options, text = found
    at = next((number for number, word in enumerate(options) if word.says(":subject")), None)
    if at is None:
        return "", text.value, rule[options[0].start : text.start].strip() if options else ""
    subject = options[at + 1]
    kept = rule[options[0].start : options[at].start] + rule[subject.end : text.start]
    return subject.value, text.value, kept.strip()


def _lines(source: str) -> str:
    """Return other actions, a line each, indented as Roundcube does."""
    stripped = source.strip()
    return f"\t{stripped}\r\n" if stripped else ""
