"""How a probe stands after what it has seen so far: pure, one step an outcome.

One failure is noise, two in a row are a fact. Facts at once are a refused connection, since nobody listens, and a
silence in which no process of the service has run. The silence of a service that works on a busy machine is one only
after `BUSY_SECONDS`. The way back takes two successes. Times are seconds of the monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from relevo.agent.pace import paced
from relevo.agent.probe import Figures

AGREE = 2  # outcomes in a row that change a standing
# A service that works, on a machine that has more to do than it can, may be silent for so long. To move its work to the
# other node would not make it less: it would come along, and whoever lost a connection would begin anew, too.
BUSY_SECONDS = paced(30.0)


@dataclass(frozen=True)
class Outcome:
    """What one run of a probe saw.

    `refused`: nobody listens; `silent`: somebody does, and said nothing in time; `still`: and none of its processes has
    run meanwhile; `busy`: they have, and the machine is short of processors; `majority_lost`: the service says so.
    `no_room`: it does what it can, and takes nothing more (`relevo.agent.probe.NoRoom`).
    `figures`: what it counted (`relevo.agent.probe.Measured`).
    """

    at: float  # when the run began
    ok: bool
    text: str
    seconds: float = 0.0
    refused: bool = False
    silent: bool = False
    still: bool = False
    busy: bool = False
    majority_lost: bool = False
    no_room: bool = False
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
    denied_at: float = float("-inf")  # when it last answered, and wrongly, or nobody listened

    @property
    def doubted(self) -> bool:
        """Tell whether the last outcome was not what the standing says."""
        return self.against > 0


def advance(standing: Standing, outcome: Outcome) -> Standing:
    """Return the standing after one more outcome."""
    if outcome.ok:
        standing = replace(standing, last=outcome, last_success=outcome.at)
    else:
        denied_at = standing.denied_at if outcome.silent else outcome.at
        standing = replace(standing, last=outcome, complaint=outcome.text, denied_at=denied_at)
    if standing.good is outcome.ok:
        return replace(standing, against=0)
    first = outcome.at if standing.against == 0 else standing.against_since
    against = standing.against + 1
    known_at_once = outcome.refused or outcome.still or (standing.good is None and outcome.ok)
    enough = outcome.at + outcome.seconds - first >= BUSY_SECONDS if outcome.busy else against >= AGREE
    if enough or known_at_once:
        return replace(standing, good=outcome.ok, since=first, against=0)
    return replace(standing, against=against, against_since=first)
