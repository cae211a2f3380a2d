"""Compute from the samples of a probe for how long clients had no answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Sample:
    """One exchange of a probe: when it began and ended (monotonic seconds), whether it was good, and what was seen."""

    started: float
    ended: float
    good: bool
    seen: str


@dataclass(frozen=True)
class Outage:
    """What a client saw of a fault: seconds from one good answer to the next at the longest, exchanges lost, all.

    `recovered` is false when no good answer came after the last failure; `measured` is true when the seconds mean
    something: there was a good answer before the fault, and one after it.
    """

    seconds: float
    lost: int
    probes: int
    recovered: bool
    measured: bool
    trouble: str  # what the first failed exchange saw


def outage(samples: Sequence[Sample], since: float, until: float) -> Outage:
    """Return the longest time without a good answer around and after `since` (the fault), up to `until`.

    It runs from the end of the last good exchange before the gap to the end of the first good one after it, so that the
    time that a client waits for its answer counts. A gap that isn't over at `until` counts up to there.
    """
    good = sorted(sample.ended for sample in samples if sample.good and sample.ended <= until)
    before = [moment for moment in good if moment <= since]
    after = [moment for moment in good if moment > since]
    failed = sorted((s for s in samples if not s.good and since <= s.ended <= until), key=lambda s: s.ended)
    last_failure = max((sample.started for sample in failed), default=since)
    recovered = any(sample.good and sample.started >= last_failure and sample.ended <= until for sample in samples)
    moments = [*before[-1:], *after, *([] if recovered else [until])]
    return Outage(
        seconds=max((later - earlier for earlier, later in pairwise(moments)), default=0.0),
        lost=len(failed), probes=sum(since <= sample.ended <= until for sample in samples), recovered=recovered,
        measured=bool(before and after), trouble=failed[0].seen if failed else "",
    )


def steady(samples: Sequence[Sample], since: float, now: float, calm: float) -> bool:
    """Tell whether, after `since`, the last `calm` seconds saw good answers and no failure."""
    recent = [sample for sample in samples if sample.ended >= max(since, now - calm)]
    return now - since >= calm and any(s.started >= since for s in recent) and all(sample.good for sample in recent)
