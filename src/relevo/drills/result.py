"""What drills observed, as plain data: a check, a drill, a run; and what follows: counts, figures, exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import median

from relevo.drills.limits import MEDIAN_OF


class Verdict(StrEnum):
    """How a check ended. NOT_RUN is never success: it says that nothing was tried, and why."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Figure:
    """A measured value with its unit, e.g. `Figure(0.71, "s")`; `aim`: what the median of several is to be at most."""

    value: float
    unit: str
    aim: float | None = None

    def __str__(self) -> str:
        return f"{self.value:.3g} {self.unit}" if self.value < 1000 else f"{self.value:.0f} {self.unit}"  # noqa: PLR2004


@dataclass(frozen=True)
class Check:
    """One thing that was tried; `obtained` is what was seen, or why it was not tried.

    `noted` is what the machines noted meanwhile, a line each, where that helps to understand a failure.
    """

    name: str
    tried: str
    expected: str
    obtained: str
    verdict: Verdict
    figure: Figure | None = None
    noted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.verdict is Verdict.PASSED and not self.obtained.strip():
            raise ValueError(f"check {self.name!r} can't pass without having observed something")


@dataclass(frozen=True)
class Picture:
    """A screenshot: what it shows and the PNG's bytes."""

    title: str
    png: bytes


@dataclass(frozen=True)
class DrillResult:
    """One run of one drill; a drill without any check has failed. `seconds` is how long it took."""

    name: str
    title: str
    checks: tuple[Check, ...]
    seconds: float
    pictures: tuple[Picture, ...] = ()
    round: int = 1  # which of several runs

    @property
    def verdict(self) -> Verdict:
        """The worst of its checks: failed, then not run, then passed."""
        return worst([check.verdict for check in self.checks])


@dataclass(frozen=True)
class Spread:
    """A figure over several runs: its values, how many of the checks failed, and what the median is to be at most."""

    drill: str
    check: str
    unit: str
    values: tuple[float, ...]
    failed: int
    aim: float | None = None

    @property
    def median(self) -> float:
        """The middle value."""
        return median(self.values)

    @property
    def reached(self) -> bool:
        """Not false but where there are runs enough for a median, and it is over its aim."""
        return self.aim is None or len(self.values) < MEDIAN_OF or self.median <= self.aim


@dataclass(frozen=True)
class Run:
    """All that one call of `relevo drill` did; `started` is ISO 8601 with the zone."""

    cluster: str
    address: str
    started: str
    in_lab: bool
    results: tuple[DrillResult, ...]

    def counts(self) -> Mapping[Verdict, int]:
        """Return how many checks passed, failed and were not run."""
        verdicts = [check.verdict for result in self.results for check in result.checks]
        return {verdict: verdicts.count(verdict) for verdict in Verdict}

    def exit_code(self, *, asked_by_name: bool) -> int:
        """Return 0 when nothing failed, everything was run and every median reached its aim, else 1.

        Outside of a lab, what can't be tried there (a power cut) is forgiven when nobody asked for its drill by name.
        """
        verdicts = [result.verdict for result in self.results]
        forgiven = not self.in_lab and not asked_by_name
        bad = {Verdict.FAILED} if forgiven else {Verdict.FAILED, Verdict.NOT_RUN}
        return int(not verdicts or bool(bad & set(verdicts)) or bool(self.missed()))

    def spreads(self) -> list[Spread]:
        """Return the figures of checks that measured something, each over all runs of its drill, in the order seen."""
        found: dict[tuple[str, str, str], list[Check]] = {}
        for result in self.results:
            for check in result.checks:
                if check.figure:
                    found.setdefault((result.name, check.name, check.figure.unit), []).append(check)
        return [_spread(*key, checks) for key, checks in found.items()]

    def missed(self) -> list[Spread]:
        """Return the figures whose median is over its aim."""
        return [spread for spread in self.spreads() if not spread.reached]

    def to_dict(self) -> dict[str, object]:
        """Return all but the pictures as what JSON can hold."""
        return {
            "cluster": self.cluster, "address": self.address, "started": self.started, "in_lab": self.in_lab,
            "counts": {str(verdict): count for verdict, count in self.counts().items()},
            "drills": [_drill_dict(result) for result in self.results],
            "figures": [_spread_dict(spread) for spread in self.spreads()],
        }


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict over several: none at all is a failure."""
    if not verdicts or Verdict.FAILED in verdicts:
        return Verdict.FAILED
    return Verdict.NOT_RUN if Verdict.NOT_RUN in verdicts else Verdict.PASSED


def _spread(drill: str, name: str, unit: str, checks: Sequence[Check]) -> Spread:
    values = tuple(check.figure.value for check in checks if check.figure)
    aim = next((check.figure.aim for check in checks if check.figure and check.figure.aim is not None), None)
    return Spread(drill, name, unit, values, sum(check.verdict is Verdict.FAILED for check in checks), aim)


def _spread_dict(spread: Spread) -> dict[str, object]:
    return {
        "drill": spread.drill, "check": spread.check, "unit": spread.unit, "runs": len(spread.values),
        "minimum": min(spread.values), "median": spread.median, "maximum": max(spread.values), "failed": spread.failed,
        "aim": spread.aim,
    }


def _drill_dict(result: DrillResult) -> dict[str, object]:
    checks = [asdict(check) for check in result.checks]
    return {
        "name": result.name, "round": result.round, "title": result.title, "verdict": result.verdict,
        "seconds": round(result.seconds, 1), "checks": checks,
    }
