"""What relevo-lookup can be asked: a line of JSON, of which nothing is taken unchecked.

    {"domain": "example.org", "inside": "", "ask": [["example.org", "MX"], ["_dmarc.example.org", "TXT"]]}

`inside` is the domain whose zone this platform's own name servers have (what they say is not what the world sees), when
`domain` is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 1 << 16  # bytes of a question
MOST = 64  # records
KINDS = frozenset({"A", "AAAA", "CNAME", "MX", "PTR", "SRV", "TXT"})
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Refused(ValueError):  # noqa: N818 - the state, as whoever asks reads it
    """It can't be asked so."""


@dataclass(frozen=True)
class Question:
    """A domain, and the records that are asked for."""

    domain: str
    inside: str
    ask: tuple[tuple[str, str], ...]


def parse(line: bytes) -> Question:
    """Return a question; raise Refused for anything else."""
    try:
        told = json.loads(line)
        question = Question(_name(told["domain"]), _name(told["inside"], empty=True), tuple(map(_record, told["ask"])))
    except (ValueError, LookupError, TypeError) as error:
        raise Refused(f"not a question ({type(error).__name__})") from None
    if not 1 <= len(question.ask) <= MOST:
        raise Refused(f"1 to {MOST} records at once")
    return question


def _record(told: Sequence[object]) -> tuple[str, str]:
    name, kind = told
    if kind not in KINDS:
        raise ValueError("not a kind of record")
    return _name(name), str(kind)


def _name(told: object, *, empty: bool = False) -> str:
    if isinstance(told, str) and (_NAME.fullmatch(told) or (empty and not told)):
        return told
    raise ValueError("not a name")
