"""How many files another machine's copy still lacks, counted where Gluster itself keeps count; standard library only.

A brick holds an entry in its index for each file of which another copy is behind; the self-heal daemons go through it.
Writes under way are there for a moment, too, so only what stays is a fault. Which copy is behind is in the marks on the
file (`trusted.afr.VOLUME-client-N`, see `blame.py`).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice

from relevo.agent.probe import COPY_BEHIND, Deadline, Measured, ProbeFailed

_INDEX = ".glusterfs/indices/xattrop"
_BASE = "xattrop-"  # the file that the entries are links to
PATIENCE_SECONDS = 30.0
_MOST = 2000  # of so many files at most the marks are read, each time of others; without a copy there may be 100,000
_UNDER_WAY = "trusted.afr.dirty"
UNKNOWN = ""  # nobody knows whose copy is behind


class Pending:
    """The index of this machine's brick."""

    def __init__(
        self, brick: str, volume: str = "", copies: Sequence[str] = (), clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the brick's directory, the volume's name, and the machines in the order of its bricks."""
        self._brick, self._index, self._clock = brick, f"{brick}/{_INDEX}", clock
        self._marks = {f"trusted.afr.{volume}-client-{number}": name for number, name in enumerate(copies)}
        self._behind_since: float | None = None
        self._turn, self._under_way = 0, set[str]()

    def check(self, _: Deadline) -> str:
        """Return how many files are behind; raise ProbeFailed when there have been some for a while."""
        try:
            files = [name for name in os.listdir(self._index) if not name.startswith(_BASE)]  # noqa: PTH208 - names only
        except FileNotFoundError:
            files = []  # no volume yet
        count = len(files)
        figures = {"files_behind": {"": float(count)}, COPY_BEHIND: self._whose(files)}
        if not count:
            self._behind_since = None
            return Measured("", figures)
        now = self._clock()
        self._behind_since = now if self._behind_since is None else self._behind_since
        if now - self._behind_since < PATIENCE_SECONDS:
            return Measured(f"{count} to be copied", figures)
        raise ProbeFailed(f"{count} files are not copied from here to another machine yet", figures)

    def _whose(self, files: Sequence[str]) -> dict[str, float]:
        """Count by machine how many of these files its copy lacks something of, or of as many as are looked at.

        Of a file with a mark that something is under way, at this look and at the last, nobody knows whose copy lacks
        it. One that is gone has left an entry behind, which is nobody's loss.
        """
        self._turn += _MOST
        first = self._turn % len(files) if len(files) > _MOST else 0
        chosen = self._under_way.intersection(files) | set(islice([*files[first:], *files[:first]], _MOST))
        counted, before, self._under_way = Counter[str](), self._under_way, set()
        for file in chosen:
            if blamed := [name for mark, name in self._marks.items() if self._is_set(file, mark)]:
                counted.update(blamed)
            elif self._is_set(file, _UNDER_WAY):
                self._under_way.add(file)
                counted.update([UNKNOWN] if file in before else [])
        return {name: float(count) for name, count in counted.items()}

    def _is_set(self, gfid: str, mark: str) -> bool:
        with suppress(OSError):  # it has no such mark, or is gone
            return any(os.getxattr(f"{self._brick}/.glusterfs/{gfid[:2]}/{gfid[2:4]}/{gfid}", mark))
        return False
