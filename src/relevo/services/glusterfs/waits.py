"""Does a program of the mail's wait for the mount, and for how long already? Read from /proc; standard library only.

The mount may answer everybody else meanwhile, the probe of the store, too: then it is one mailbox that hangs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from relevo.agent.probe import LONG_WAIT_SECONDS, SLICE, STORE_WAIT, Deadline, Measured, ProbeFailed

UNITS = ("dovecot.service", "postfix.service")
_IN_FUSE = "request_wait_answer"  # where a process sleeps in the kernel that waits for a file system like this one


@dataclass(frozen=True)
class _Wait:
    """A process that waits: how often it had slept by then, so that it is known to be the same wait, and since when."""

    sleeps: int
    since: float


class Waits:
    """The longest wait for the mount among the processes of some units."""

    def __init__(
        self, units: Sequence[str] = UNITS, clock: Callable[[], float] = time.monotonic,
        slice_: Path = SLICE, proc: Path = Path("/proc"),
    ) -> None:
        """Take the units, and where the kernel tells of them and of processes."""
        self._files = [slice_ / unit / "cgroup.procs" for unit in units]
        self._clock, self._proc = clock, proc
        self._waits: dict[int, _Wait] = {}

    def check(self, _: Deadline) -> str:
        """Return nothing, with the seconds of the longest wait; raise ProbeFailed when it is a long one."""
        now, before = self._clock(), self._waits
        found = {pid: sleeps for pid in self._pids() if (sleeps := self._sleeps(pid)) is not None}
        self._waits = {
            pid: before[pid] if pid in before and before[pid].sleeps == sleeps else _Wait(sleeps, now)
            for pid, sleeps in found.items()
        }
        longest = min(self._waits.items(), key=lambda item: item[1].since, default=None)
        seconds = now - longest[1].since if longest else 0.0
        figures = {STORE_WAIT: {"": seconds}}
        if longest and seconds >= LONG_WAIT_SECONDS:
            name = self._name(longest[0])
            raise ProbeFailed(f"{name} has waited for the store for {seconds:.0f} s: a mailbox hangs", figures)
        return Measured("", figures)

    def _pids(self) -> Iterator[int]:
        for file in self._files:
            with suppress(OSError):  # the unit does not run
                yield from map(int, file.read_text(encoding="ascii").split())

    def _sleeps(self, pid: int) -> int | None:
        """Return how often a process has slept that waits for such a file system, None if it doesn't."""
        with suppress(OSError, ValueError):  # it has just ended
            if (self._proc / str(pid) / "wchan").read_text(encoding="ascii") == _IN_FUSE:
                lines = (self._proc / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
                return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches:"))
        return None

    def _name(self, pid: int) -> str:
        with suppress(OSError):
            return (self._proc / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
        return f"process {pid}"
