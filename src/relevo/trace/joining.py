"""From the parts that both nodes tell to traces: the whole way of a message, whatever nodes and keys it went by. Pure.

Parts are of one trace when one names the other: the filter what it has queued a message as, a delivery Dovecot's
session, a bounce its notice. The same key on both nodes is the same message: another node has adopted its queue. Lines
may be missing at either end, and parts may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from relevo.trace.letters import ADDRESSED, DELIVERED, PASSED, QUEUED, RESULTS, Letter
from relevo.trace.parts import Part, bare, matches
from relevo.trace.questions import Wanted
from relevo.trace.steps import Step, steps

_OWN_KEYS = ("lmtp.", "amavis.")  # of parts that no search by an id begins with
_LONGEST_REASON = 600
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Trace:
    """The way of one message; its parts are in the order of time."""

    parts: tuple[Part, ...]

    @property
    def id(self) -> str:
        """What it is called: the first queue id, if there is one."""
        return min(self._own, key=lambda part: (part.key.startswith(_OWN_KEYS), part.at, part.key)).key

    def place(self, wanted: Wanted) -> tuple[int, str] | None:
        """Return where it stands in a list: where its newest part stands that is looked for; None when none is.

        A notice to the sender counts when nothing else does: it comes days later.
        """
        if wanted.result and wanted.result not in self.results:
            return None
        found = [part for part in self.parts if matches(part, wanted)]
        own = [part for part in found if part.key not in self.notices]
        return max((part.place for part in own or found), default=None)

    @cached_property
    def letters(self) -> dict[str, Letter]:
        """What is known under each key, of both nodes together; without notices of this message's own fate."""
        found: dict[str, Letter] = {}
        lines = sorted(
            ((line.at, place, part.key, event) for part in self._own for place, (line, event) in enumerate(part.lines)),
            key=lambda one: one[:2],
        )
        for _at, _number, key, event in lines:
            found.setdefault(key, Letter()).take(event)
        return found

    @cached_property
    def notices(self) -> set[str]:
        """The keys of messages that tell the sender what became of this one, and of their deliveries."""
        goes_on = {part.key: {event.link for _line, event in part.lines if event.link} for part in self.parts}
        found: set[str] = set()
        ahead = [event.link for part in self.parts for _line, event in part.lines if event.kind == "notice"]
        while ahead:
            if (key := ahead.pop()) not in found:
                found.add(key)
                ahead += goes_on.get(key, ())
        found &= {part.key for part in self.parts}
        return found if len(found) < len({part.key for part in self.parts}) else set()

    @cached_property
    def _own(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.key not in self.notices) or self.parts

    @property
    def sender(self) -> str | None:
        """Who sent it; empty for a bounce, None when no line is left that says it."""
        return next((letter.sender for letter in self.letters.values() if letter.sender is not None), None)

    @cached_property
    def recipients(self) -> dict[str, str]:
        """What became of it for each recipient; those that an alias stands for in place of the alias."""
        told = [(one, result) for letter in self.letters.values() for one, result in letter.recipients.items()]
        found = {one: result for one, result in told if result in RESULTS}
        known = {bare(one) for one in [*found, *self.originals.values()]}
        known |= {one for one, result in told if result == PASSED}
        waits = QUEUED if any(letter.waits for letter in self.letters.values()) else ADDRESSED
        if all(part.key.startswith("lmtp.") for part in self._own):  # Postfix's lines are on a node that is silent
            waits = DELIVERED
        return {**{one: waits for one, result in told if result == ADDRESSED and bare(one) not in known}, **found}

    @cached_property
    def originals(self) -> dict[str, str]:
        """The address that each recipient stands for."""
        return {
            event.told["recipient"].lower(): event.told["original"].lower()
            for part in self._own for _line, event in part.lines if event.told.get("original")
        }

    @property
    def results(self) -> set[str]:
        """What became of it, for anybody."""
        found = {result for result in self.recipients.values() if result}
        waits = {QUEUED for letter in self.letters.values() if letter.waits}
        return found | waits | {mark for letter in self.letters.values() for mark in letter.marks}

    def steps(self) -> list[Step]:
        """Return all that happened to it."""
        found = sorted((step for part in self.parts for step in steps(part)), key=lambda step: step.at)
        for step in found:
            step.is_notice = step.key in self.notices
        return found[:_MOST_STEPS]


def traces(parts: Iterable[Part]) -> list[Trace]:
    """Return the traces that parts are of."""
    groups: dict[str, set[str]] = {}
    known = {(part.node, part.key): part for part in parts}
    for part in known.values():
        names = {part.key, *part.links}
        together = set().union(names, *(groups[name] for name in names if name in groups))
        for name in together:
            groups[name] = together
    found: dict[int, list[Part]] = {}
    for part in sorted(known.values(), key=lambda part: (part.at, part.key, part.node)):
        found.setdefault(id(groups[part.key]), []).append(part)
    return [Trace(tuple(group)) for group in found.values()]


def told(trace: Trace, *, whole: bool) -> dict[str, Any]:
    """Return a trace as it is told, with its steps or without."""
    letters = trace.letters.values()
    ends = [part.at for part in trace.parts] + [line.at for part in trace.parts for line, _event in part.lines]
    return {
        "id": trace.id, "at": min(part.at for part in trace.parts), "last": max(ends), "sender": trace.sender,
        "message_id": _first(letter.message_id for letter in letters),
        "client": _first(letter.client for letter in letters),
        "user": _first(letter.user for letter in letters), "size": max((letter.size for letter in letters), default=0),
        "results": [result for result in RESULTS if result in trace.results],
        "nodes": sorted({part.node for part in trace.parts}), "elsewhere": 0,
        "recipients": [
            {"address": one, "original": trace.originals.get(one, ""), "result": result, **_last_word(trace, one)}
            for one, result in trace.recipients.items()
        ],
        "steps": [vars(step) for step in trace.steps()] if whole else [],
    }


def _last_word(trace: Trace, recipient: str) -> Mapping[str, str]:
    """Return what was last said of a recipient."""
    said = [
        (line.at, event.told["answer"]) for part in trace.parts for line, event in part.lines
        if event.kind in {"delivery", "rejected"} and event.told.get("recipient", "").lower() == recipient
    ]
    return {"reason": max(said)[1][:_LONGEST_REASON] if said else ""}


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")
