"""Why the active node is the active one: what the machines noted when the virtual IP last came to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relevo.agent.history import DEMOTED, LOST, ORDERED, SILENT, TOOK
from relevo.i18n import _
from relevo.operate.answers import Answer
from relevo.operate.history import Event, merge

BEFORE_SECONDS, AFTER_SECONDS = 5.0, 10.0  # around its coming; clocks are equal to within a fraction of a second


def cause(active: str, answers: Mapping[str, Answer]) -> str:
    """Return why it came to `active`, as the end of a sentence that says so; nothing when nobody noted it."""
    events = merge({name: (answer.view or {}).get("history", ()) for name, answer in answers.items()})
    took = next((event for event in reversed(events) if (event.node, event.event) == (active, TOOK)), None)
    if took is None:
        return ""
    near = [event for event in events if took.at - BEFORE_SECONDS <= event.at <= took.at + AFTER_SECONDS]
    others = [event for event in near if event.node != active and event.at <= took.at + 1.0]
    if found := _last(others, ORDERED):
        return _("by order ({order} on {node})").format(order=found.why, node=found.node)
    if found := _last(others, DEMOTED):
        return _("since {node} gave it up ({why})").format(node=found.node, why=found.why)
    if found := _last(near, SILENT):
        return _("since {node} had fallen silent").format(node=found.why.partition(";")[0])
    if found := _last(others, LOST):
        return _("since {node} had lost it").format(node=found.node)
    return ""


def held_seconds(view: Mapping[str, Any]) -> float | None:
    """Return for how long a machine has had the virtual IP; an agent that began anew meanwhile counts from there."""
    since: float | None = view["holder_since"]
    moves = [event for event in view.get("history", ()) if event["event"] in {TOOK, LOST, DEMOTED}]
    if since is None or not moves or moves[-1]["event"] != TOOK:
        return since
    return max(since, float(view["time"]) - float(moves[-1]["at"]))


def _last(events: list[Event], kind: str) -> Event | None:
    return next((event for event in reversed(events) if event.event == kind), None)
