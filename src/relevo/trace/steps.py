"""What happened to a message, one step after the other, each with the lines that say so. Pure.

    accepted   client, name, user, helo, version, service: an SMTP client's message, from its first word on
    rejected   the same, and `at`, `answer`, `recipient`: refused in the dialogue
    handed     uid: by a program of the node
    filtered   as `relevo.trace.filtering` tells it
    taken      id, size, count: into the queue
    adopted    id: another node works on the queue in which it is
    delivered, deferred, bounced, passed    as `relevo.trace.delivery` tells a delivery
    stored, forwarded, answered, discarded, returned, expired, notice, held, released, deleted

Attempts with the same outcome are one step: `count` of them, the last one at `until`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from relevo.trace.letters import BOUNCED, DEFERRED, DELIVERED, PASSED
from relevo.trace.lines import Event, Line
from relevo.trace.parts import Part

_AS_THEY_ARE = frozenset({
    "filtered", "handed", "stored", "forwarded", "answered", "discarded", "returned", "expired", "notice",
    "held", "released", "deleted",
})
_BY_STATUS = {"sent": DELIVERED, "delivered": DELIVERED, "bounced": BOUNCED, "deferred": DEFERRED}
_ADOPTER = "postfix-adopted/"


@dataclass
class Step:
    """One step; `at` and `until` are microseconds since 1970."""

    at: int
    node: str
    key: str
    kind: str
    told: dict[str, str]
    lines: list[str]
    count: int = 1
    until: int = 0
    is_notice: bool = field(default=False)  # of a message that tells the sender of another one's fate


def steps(part: Part) -> list[Step]:
    """Return what a part tells, in the order of time."""
    found = [*_dialogue(part), *_taken(part), *(_step(part, line, event) for line, event in _plain(part))]
    return sorted(_together(sorted(found, key=lambda step: step.at)), key=lambda step: step.at)


def _dialogue(part: Part) -> Iterator[Step]:
    """Return how it came in, or was kept out."""
    before = [
        (line, event) for line, event in part.lines
        if event.kind == "tls" or (event.kind == "client" and not event.key)
    ]
    told = {"version": "", "user": ""}
    for _line, event in before:
        told |= {name: value for name, value in event.told.items() if value}
    ends = [(line, event) for line, event in part.lines if event.kind in {"accepted", "rejected"}]
    for line, event in ends:
        began = before[-1][0].at if before and event.kind == "accepted" else line.at
        service = line.program.rpartition("/")[0].rpartition("/")[2] if line.program.count("/") > 1 else "smtp"
        said = {"service": service, **told, **{name: value for name, value in event.told.items() if value}}
        yield Step(began, part.node, part.key, event.kind, said, [_own(one) for one, _event in before] + [_own(line)])
    if not ends:
        yield from (
            Step(line.at, part.node, part.key, "accepted", {"service": "", **event.told}, [_own(line)])
            for line, event in part.lines
            if event.kind == "client" and event.key and event.told["client"] != "127.0.0.1"
        )


def _taken(part: Part) -> Iterator[Step]:
    """Return when it came into the queue, and when another node took that over."""
    lines = [(line, event) for line, event in part.lines if event.kind in {"message-id", "queued"} or (
        event.kind == "client" and event.key
    )]
    queued = [(line, event) for line, event in lines if event.kind == "queued"]
    own = [(line, event) for line, event in queued if not line.program.startswith(_ADOPTER)]
    if own:
        line, event = own[0]
        said = [_own(one) for one, _event in lines if one.at <= line.at]
        yield Step(line.at, part.node, part.key, "taken", {"id": part.key, **event.told}, said)
    for line, event in [one for one in queued if one not in own][:1]:
        yield Step(line.at, part.node, part.key, "adopted", {"id": part.key, **event.told}, [_own(line)])


def _plain(part: Part) -> Iterator[tuple[Line, Event]]:
    return ((line, event) for line, event in part.lines if event.kind in _AS_THEY_ARE or event.kind == "delivery")


def _step(part: Part, line: Line, event: Event) -> Step:
    at, kind = line.at, event.kind
    if kind == "filtered":  # the line is written when it is done
        at -= int(event.told["ms"] or 0) * 1000
    if kind == "delivery":
        inside = event.link and part.letter.recipients.get(event.told["recipient"].lower()) == PASSED
        kind = PASSED if inside else _BY_STATUS.get(event.told["status"], DEFERRED)
    return Step(at, part.node, part.key, kind, dict(event.told), [_own(line)])


def _together(found: list[Step]) -> Iterator[Step]:
    """Put deferrals of one recipient for the same reason together."""
    known: dict[tuple[str, str], Step] = {}
    for step in found:
        same = (step.told.get("recipient", ""), step.told.get("answer", "")) if step.kind == DEFERRED else None
        if same and (first := known.get(same)):
            first.count, first.until = first.count + 1, step.at
            continue
        if same:
            known[same] = step
        yield step


def _own(line: Line) -> str:
    return f"{line.program}[{line.pid}]: {line.text}"
