"""How a probe stands after what it has seen so far: pure, one step an outcome.

One failure is noise (a busy machine), two in a row are a fact; a refused connection is a fact at once, since nobody
listens. The way back takes two successes. Times are seconds of the monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from relevo.agent.probe import Figures

AGREE = 2  # outcomes in a row that change a standing


@dataclass(frozen=True)
class Outcome:
    """What one run of a probe saw.

    `refused`: nobody listens; `silent`: somebody does, and said nothing in time; `majority_lost`: the service says so.
    `figures`: what it counted (`relevo.agent.probe.Measured`).
    """

    at: float  # when the run began
    ok: bool
    text: str
    seconds: float = 0.0
    refused: bool = False
    silent: bool = False
    majority_lost: bool = False
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """Good, bad, or not known yet (None); since when; and the outcomes in a row that say otherwise."""

    good: bool | None = None
    since: float = 0.0
    against: int = 0
    against_since: float = 0.0
    last: Outcome | None = None
    last_success: float = float("-inf")
    complaint: str = ""  # what the last failure said

    @property
    def doubted(self) -> bool:
        """Tell whether the last outcome was not what the standing says."""
        return self.against > 0


def advance(standing: Standing, outcome: Outcome) -> Standing:
    """Return the standing after one more outcome."""
    told = {"last_success": outcome.at} if outcome.ok else {"complaint": outcome.text}
    standing = replace(standing, last=outcome, **told)
    if standing.good is outcome.ok:
        return replace(standing, against=0)
    first = outcome.at if standing.against == 0 else standing.against_since
    against = standing.against + 1
    known_at_once = outcome.refused or (standing.good is None and outcome.ok)
    if against >= AGREE or known_at_once:
        return replace(standing, good=outcome.ok, since=first, against=0)
    return replace(standing, against=against, against_since=first)
