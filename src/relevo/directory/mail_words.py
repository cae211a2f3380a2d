"""Texts out of strangers' mail, as people may read them: decoded, and without what steers a terminal or a line."""

from __future__ import annotations

import email.parser
import email.policy
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header, make_header

_MOST_HEADERS, _LONGEST_HEADER = 200, 2000  # of a message; characters


def readable(headers: str) -> list[tuple[str, str]]:
    """Return headers as people read them: encoded words are decoded, what steers a terminal or a line is left out."""
    parsed = email.parser.HeaderParser(policy=email.policy.compat32).parsestr(headers, headersonly=True)
    return [(plain(name), plain(decoded(str(value)))) for name, value in parsed.items()[:_MOST_HEADERS]]


def decoded(value: str) -> str:
    """Return a header with its encoded words decoded, as it is where they are wrong."""
    try:
        return str(make_header(decode_header(value[: 4 * _LONGEST_HEADER])))
    except (HeaderParseError, LookupError, ValueError):  # an encoding that nobody knows, or that is not kept to
        return value


def plain(text: str) -> str:
    """Return a text in one line, without control characters and marks that change the direction of writing."""
    return _visible(" ".join(text.split())[:_LONGEST_HEADER])


def plain_lines(text: str) -> str:
    """Return a text in lines, without the same; never more than one empty line in a row."""
    lines = [_visible(" ".join(line.split())) for line in text.splitlines()]
    return "\n".join(line for number, line in enumerate(lines) if line or (number and lines[number - 1]))


def _visible(text: str) -> str:
    return "".join(letter for letter in text if not unicodedata.category(letter).startswith("C"))
