"""What one node tells of one message: its lines, read again, and whether they are what is looked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relevo.trace.letters import Letter
from relevo.trace.lines import Event, Line, parse
from relevo.trace.questions import UNIQUE, Wanted


@dataclass(frozen=True)
class Part:
    """A message under one key on one node.

    Attributes:
        node: where these lines were written.
        key: the message's.
        at: microseconds since 1970: when it began here.
        links: the keys under which the way goes on, or came from.
        lines: in the order of time, each with what it says.
        letter: what they come to.
    """

    node: str
    key: str
    at: int
    links: frozenset[str]
    lines: tuple[tuple[Line, Event], ...]
    letter: Letter

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among all messages."""
        return self.at, self.key

    @property
    def addresses(self) -> set[str]:
        """All addresses of its envelope, those with a tag also without it."""
        found = {*self.letter.recipients, *([self.letter.sender] if self.letter.sender else [])}
        return found | {bare(one) for one in self.letter.recipients}


def part(node: str, told: Mapping[str, Any]) -> Part:
    """Return a part out of a node's words; raises LookupError, TypeError or ValueError when they are none."""
    lines = sorted((Line(*line) for line in told["lines"]), key=lambda line: line.at)
    read = tuple((line, event) for line in lines if (event := parse(line)))
    letter = Letter()
    for _line, event in read:
        letter.take(event)
    return Part(node, str(told["key"]), int(told["at"]), frozenset(map(str, told["links"])), read, letter)


def matches(one: Part, wanted: Wanted) -> bool:
    """Tell whether a part is what is looked for, as the index does; `before` and `limit` do not matter."""
    letter = one.letter
    if (wanted.since and one.at < wanted.since) or (wanted.until and one.at >= wanted.until):
        return False
    asked = ((wanted.client, letter.client), (wanted.subject, letter.subject))
    if any(text and text != own for text, own in asked) or (wanted.result and wanted.result not in letter.results):
        return False
    if wanted.sender and not _is(letter.sender or "", wanted.sender):
        return False
    if wanted.recipient and not any(
        _is(address, wanted.recipient) or _is(bare(address), wanted.recipient) for address in letter.recipients
    ):
        return False
    own = wanted.domains is None or any(domain(address) in wanted.domains for address in one.addresses)
    if not wanted.words:
        return own
    return any(_has(one, kind, value) for kind, value in wanted.words if own or kind in UNIQUE)


def bare(address: str) -> str:
    """Return an address without its tag."""
    local, at, name = address.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{name}"


def domain(address: str) -> str:
    """Return an address's domain, empty when it has none."""
    return address.rpartition("@")[2] if "@" in address else ""


def _is(address: str, looked_for: str) -> bool:
    return domain(address) == looked_for[1:] if looked_for.startswith("@") else address == looked_for


def _has(one: Part, kind: str, value: str) -> bool:
    if kind in {"address", "domain"}:
        return any(value == (domain(address) if kind == "domain" else address) for address in one.addresses)
    return value == {"key": one.key, "message_id": one.letter.message_id, "client": one.letter.client}[kind]
