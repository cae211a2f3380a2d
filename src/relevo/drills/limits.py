"""How long something may take: in one run, and in the median of several.

What is promised is the median. One run is a single throw: in a lab one computer carries three machines, their clients
and whatever else it does. So a single run fails only where it takes more than `ALLOWANCE` times as long as is aimed at;
a drill that is repeated (`MEDIAN_OF` times or more) fails where the median is over the aim.
"""

from __future__ import annotations

from dataclasses import dataclass

from relevo.i18n import _

ALLOWANCE = 3.0
MEDIAN_OF = 3


@dataclass(frozen=True)
class Limit:
    """Seconds: at most `run` in each run, and at most `median` in the median of several if that is given."""

    run: float
    median: float | None = None

    def allows(self, seconds: float) -> bool:
        """Tell whether one run may take so long."""
        return seconds <= self.run

    def __str__(self) -> str:
        if self.median is None:
            return f"{self.run:g} s"
        return _("{run:g} s (in the median {median:g} s)").format(run=self.run, median=self.median)


def aim(seconds: float) -> Limit:
    """Return the limit of what is to take so many seconds in the median."""
    return Limit(seconds * ALLOWANCE, seconds)
