"""From a line of the journal to what it says. Pure; a line that nobody understands says nothing, and never raises.

Written after real lines of Postfix 3.7 and 3.10, Amavis 2.13, Dovecot 2.3 and 2.4: tests/unit/trace/data. What
strangers can write into a line (addresses, greetings, answers of other servers) stands behind what the programs
themselves write, so patterns begin at a line's beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST = 1500  # characters of a line; Postfix itself cuts at 2,000 or so


class Line(NamedTuple):
    """A line as the journal has it: microseconds since 1970, its program (`postfix/smtpd`), process and text."""

    at: int
    program: str
    pid: int
    text: str


@dataclass(frozen=True)
class Event:
    """What a line says.

    Attributes:
        kind: one of those in `smtp`, `delivery` and `filtering`.
        key: which message it is of: a queue id, or one made by `session_key` or `filter_key`; empty when the line is of
            an SMTP dialogue, whose message is known later.
        link: the key of another message on the same way: what becomes of this one goes on there.
        told: the parts of the line.
    """

    kind: str
    key: str = ""
    link: str = ""
    told: Mapping[str, str] = field(default_factory=dict)


def session_key(session: str) -> str:
    """Return the key of a delivery that Dovecot takes by LMTP; recipients of one delivery share it."""
    return "lmtp." + session.partition(":R")[0].replace("/", "_").replace("+", "-").replace(":", ".")


def filter_key(number: str) -> str:
    """Return the key of a message that Amavis refused, by its own number; unique while the machine runs."""
    return f"amavis.{number}"


def parse(line: Line) -> Event | None:
    """Return what a line says, None when that is nothing about a message."""
    from relevo.trace import delivery, filtering, smtp  # noqa: PLC0415 - they build on the names above

    instance, _slash, _service = line.program.partition("/")
    if instance in {"postfix", "postfix-adopted"}:
        service = line.program.rpartition("/")[2]
        return smtp.parse(service, line.text) if service in smtp.SERVICES else delivery.parse(service, line.text)
    if line.program == "amavis":
        return filtering.parse_amavis(line.text)
    if line.program == "dovecot":
        return filtering.parse_dovecot(line.text)
    return None
