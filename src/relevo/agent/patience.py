"""How long to wait for a probe before it counts as hanging: by what it took lately and how busy the machine is.

A service that hangs should be seen within a second, a busy machine must not look like one: so the limit follows the
smoothed time of the probe's successes and its deviation, as TCP's retransmission timer does (RFC 6298, section 2), and
grows with the share of time in which something waited for a processor (the kernel's PSI, `accounting/psi`). Where the
kernel does not tell that, the limit is the probe's own timeout.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from relevo.agent.activity import stalled
from relevo.agent.pace import paced

LEAST_SECONDS = paced(0.4)
DEVIATIONS = 4
BUSY = 0.6  # from this share on a machine counts as busy
STRAIN = 4.0  # with something waiting for a processor all the time, the limit is 1 + 4 times as long
_SAMPLE_SECONDS = 0.3
_PSI = Path("/proc/pressure/cpu")


@dataclass(frozen=True)
class Usual:
    """The smoothed time of a probe's successes and its deviation, in seconds."""

    mean: float
    deviation: float

    def after(self, seconds: float) -> Usual:
        """Return it with one more success."""
        error = seconds - self.mean
        return Usual(self.mean + error / 8, self.deviation + (abs(error) - self.deviation) / 4)


class Patience:
    """The limits of all probes of a node; each success teaches."""

    def __init__(self, pressure: Callable[[], float | None]) -> None:
        """Take what tells the share of time in which something waited for a processor, 0 to 1, None when unknown."""
        self._pressure = pressure
        self._usual: dict[str, Usual] = {}

    def learn(self, name: str, seconds: float) -> None:
        """Note how long a probe took that succeeded."""
        usual = self._usual.get(name)
        self._usual[name] = usual.after(seconds) if usual else Usual(seconds, seconds / 2)

    def usual(self, name: str) -> float | None:
        """Return after how many seconds a probe would be later than usual, however busy the machine is."""
        usual = self._usual.get(name)
        return max(LEAST_SECONDS, usual.mean + DEVIATIONS * usual.deviation) if usual else None

    def limit(self, name: str, timeout: float) -> float:
        """Return after how many seconds a probe without an answer counts as hanging, at most its own timeout."""
        wait, pressure = self.usual(name), self._pressure()
        if wait is None or pressure is None:
            return timeout
        return min(timeout, wait * (1 + STRAIN * pressure))

    def is_busy(self) -> bool:
        """Tell whether the machine has more to do than its processors can; one that does not tell is not busy."""
        return (self._pressure() or 0.0) >= BUSY


class ProcessorPressure:
    """The share of the last moments in which something waited for a processor."""

    def __init__(self, file: Path = _PSI, now: Callable[[], float] = time.monotonic) -> None:
        """Take the kernel's file and the clock."""
        self._file, self._now = file, now
        self._share: float | None = None
        self._at = float("-inf")
        self._total: int | None = None

    def __call__(self) -> float | None:
        """Return it, None when the kernel does not tell or it has just begun to be watched."""
        now = self._now()
        if now - self._at >= _SAMPLE_SECONDS:
            total = stalled(self._file)
            known = total is not None and self._total is not None
            self._share = min(((total or 0) - (self._total or 0)) / 1e6 / (now - self._at), 1.0) if known else None
            self._at, self._total = now, total
        return self._share
