"""Mail of the last day by the hour, of both nodes together. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from relevo.queue.flow import HOUR, HOURS, KINDS


@dataclass(frozen=True)
class Hour:
    """One hour: when it began, and how much of each of KINDS; `counts` is empty when nothing is known of it."""

    began: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Source:
    """Whose figures they are, how many seconds old (None: there are none), and why no newer ones."""

    node: str
    age: float | None
    why: str


@dataclass(frozen=True)
class MailFlow:
    """The last hours, oldest first, the last one not over yet; of which nodes."""

    hours: Sequence[Hour]
    sources: Sequence[Source]

    @property
    def is_known(self) -> bool:
        """Whether anything is known of any hour."""
        return any(hour.counts for hour in self.hours)

    def total(self, kind: str) -> int:
        """Return how much there was of a kind."""
        return sum(hour.counts.get(kind, 0) for hour in self.hours)


def mail_flow(flows: Sequence[Mapping[str, Any]], now: datetime) -> MailFlow:
    """Add up what the nodes have counted; an hour of which no node knows anything is not one without mail."""
    newest = int(now.timestamp()) // HOUR * HOUR
    found: dict[int, dict[str, int]] = {newest - ago * HOUR: {} for ago in range(HOURS - 1, -1, -1)}
    for flow in flows:
        for began, *counts in flow["hours"]:
            if began in found:
                before = found[began]
                found[began] = {kind: before.get(kind, 0) + n for kind, n in zip(KINDS, counts, strict=True)}
    hours = [Hour(datetime.fromtimestamp(began, UTC), counts) for began, counts in found.items()]
    return MailFlow(hours, [Source(str(flow["at"]), flow["age"], str(flow["error"])) for flow in flows])
