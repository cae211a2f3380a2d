"""Since when and why the active node is the active one: what the machines noted when the virtual IP last came. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relevo.agent.history import DEMOTED, LOST, ORDERED, SILENT, TOOK
from relevo.i18n import _
from relevo.operate.answers import Answer
from relevo.operate.daemon_words import told
from relevo.operate.history import Event, merge

BEFORE_SECONDS, AFTER_SECONDS = 5.0, 10.0  # around its coming; clocks are equal to within a fraction of a second
_CLOCK_SECONDS = 5.0  # what a clock may have been put right by meanwhile
_START_SECONDS = 90.0  # what came within so long after the machine's start came with it
_ITSELF = ", since "  # in an order that the agent gave itself, before its reason


@dataclass(frozen=True)
class Arrival:
    """When the virtual IP came to the active node, in seconds ago, and why, as the end of a sentence that says so."""

    seconds: float | None
    cause: str = ""


def arrival(active: str, other: str, answers: Mapping[str, Answer]) -> Arrival:
    """Return since when `active` has the virtual IP, not the `other` mail node, and why; no reason if none was noted.

    Its agent counts from its own start when it found the address here; what it noted before that says more.
    """
    view, ago = answers[active].view or {}, answers[active].age
    if took := _took(view):
        return Arrival(round(view["time"] - took["at"] + ago, 3), _cause(active, other, took["at"], answers))
    return Arrival(round((view["holder_since"] or 0.0) + ago, 3))


def _took(view: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the event with which the address came that is here now: of this start of the machine, the last move."""
    moves = [event for event in _events(view) if event["event"] in {TOOK, LOST, DEMOTED}]
    if not (moves and moves[-1]["event"] == TOOK):
        return None
    age = view["time"] - moves[-1]["at"]
    is_as_counted = abs(age - (view["holder_since"] or 0.0)) < _CLOCK_SECONDS
    up = view.get("up")
    return moves[-1] if is_as_counted or (up is not None and age < up) else None


def _cause(active: str, other: str, at: float, answers: Mapping[str, Answer]) -> str:
    events = merge({name: _events(answer.view or {}) for name, answer in answers.items()})
    near = [event for event in events if at - BEFORE_SECONDS <= event.at <= at + AFTER_SECONDS]
    others = [event for event in near if event.node == other and event.at <= at + 1.0]
    if found := _last(others, ORDERED):
        return _by_order(found)
    if found := _last(others, DEMOTED):
        return _("since {node} gave it up ({why})").format(node=other, why=told(found.why))
    if any(event.event == SILENT and event.why.partition(";")[0] == other for event in near):
        return _("since {node} had fallen silent").format(node=other)
    if _last(others, LOST):
        return _("since {node} had lost it").format(node=other)
    return _("since its start") if _is_of_start(answers[active].view or {}, at) else ""


def _by_order(found: Event) -> str:
    order, itself, why = found.why.partition(_ITSELF)
    if itself:
        return _("since {node} handed it over ({why})").format(node=found.node, why=told(why))
    return _("by order ({order} on {node})").format(order=order, node=found.node)


def _is_of_start(view: Mapping[str, Any], at: float) -> bool:
    up = view.get("up")
    return up is not None and 0 <= at - (view["time"] - up) < _START_SECONDS


def _events(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a machine noted, oldest first: its agent tells `moves` to the others, too, `history` only to us."""
    found = [*view.get("history", ()), *view.get("moves", ())]
    return sorted({(event["at"], event["event"]): event for event in found}.values(), key=lambda event: event["at"])


def _last(events: list[Event], kind: str) -> Event | None:
    return next((event for event in reversed(events) if event.event == kind), None)
