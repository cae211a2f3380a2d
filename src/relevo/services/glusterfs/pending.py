"""How many files another machine's copy still lacks, counted where Gluster itself keeps count; standard library only.

A brick holds an entry in its index for each file of which another copy is behind; the self-heal daemons go through it.
Writes under way are there for a moment, too, so only what stays is a fault.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from relevo.agent.probe import Deadline, Measured, ProbeFailed

_INDEX = ".glusterfs/indices/xattrop"
_BASE = "xattrop-"  # the file that the entries are links to
PATIENCE_SECONDS = 30.0


class Pending:
    """The index of this machine's brick."""

    def __init__(self, brick: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the brick's directory."""
        self._index, self._clock = f"{brick}/{_INDEX}", clock
        self._behind_since: float | None = None

    def check(self, _: Deadline) -> str:
        """Return how many files are behind; raise ProbeFailed when there have been some for a while."""
        try:
            count = sum(not entry.name.startswith(_BASE) for entry in os.scandir(self._index))
        except FileNotFoundError:
            count = 0  # no volume yet
        figures = {"files_behind": {"": float(count)}}
        if not count:
            self._behind_since = None
            return Measured("", figures)
        now = self._clock()
        self._behind_since = now if self._behind_since is None else self._behind_since
        if now - self._behind_since < PATIENCE_SECONDS:
            return Measured(f"{count} to be copied", figures)
        raise ProbeFailed(f"{count} files are not copied from here to another machine yet", figures)
