"""How many files another machine's copy still lacks, counted where Gluster itself keeps count; standard library only.

A brick holds an entry in its index for each file of which another copy is behind; the self-heal daemons go through it.
Writes under way are there for a moment, too, so only what stays is a fault. Which copy is behind is in the marks on the
file (`trusted.afr.VOLUME-client-N`, see `blame.py`). When the daemons may go through it and nothing that has been there
for a while leaves, copying is stuck (see `relevo.agent.lost_locks`).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from relevo.agent.pace import paced
from relevo.agent.probe import COPY_BEHIND, COPY_STUCK, Deadline, Measured, ProbeFailed

_INDEX = ".glusterfs/indices/xattrop"
_BASE = "xattrop-"  # the file that the entries are links to
PATIENCE_SECONDS = 30.0
STUCK_SECONDS = paced(60.0)  # what waits longer, while nothing that waits is copied, is stuck
_WAITS_SECONDS = paced(10.0)  # what was there for less was perhaps a write under way
_MOST = 2000  # of so many files at most the marks are read, each time of others; without a copy there may be 100,000
_UNDER_WAY = "trusted.afr.dirty"
UNKNOWN = ""  # nobody knows whose copy is behind


class Pending:
    """The index of this machine's brick."""

    def __init__(
        self, brick: str, volume: str = "", copies: Sequence[str] = (), clock: Callable[[], float] = time.monotonic,
        *, rests: str = "",
    ) -> None:
        """Take the brick's directory, the volume's name, and the machines in the order of its bricks.

        `rests`: the file that says that the self-heal daemon rests.
        """
        self._brick, self._index, self._clock = brick, f"{brick}/{_INDEX}", clock
        self._marks = {f"trusted.afr.{volume}-client-{number}": name for number, name in enumerate(copies)}
        self._rests = rests
        self._behind_since: float | None = None
        self._first_seen: dict[str, float] = {}
        self._copied_at = clock()  # when something that waited was last seen to have gone
        self._turn, self._under_way = 0, set[str]()

    def check(self, _: Deadline) -> str:
        """Return how many files are behind; raise ProbeFailed when there have been some for a while."""
        try:
            files = [name for name in os.listdir(self._index) if not name.startswith(_BASE)]  # noqa: PTH208 - names only
        except FileNotFoundError:
            files = []  # no volume yet
        count, now = len(files), self._clock()
        stuck = self._stuck(files, now)
        behind, waits = self._whose(files), self._blamed(stuck[:_MOST])
        figures = {"files_behind": {"": float(count)}, COPY_BEHIND: behind, COPY_STUCK: waits}
        if not count:
            self._behind_since = None
            return Measured("", figures)
        self._behind_since = now if self._behind_since is None else self._behind_since
        if now - self._behind_since < PATIENCE_SECONDS:
            return Measured(f"{count} to be copied", figures)
        said = f"{count} files are not copied from here to another machine yet"
        if stuck:
            said = f"{said}, and nothing has been for {now - self._copied_at:.0f} s"
        raise ProbeFailed(said, figures)

    def _stuck(self, files: Sequence[str], now: float) -> list[str]:
        """Return what has waited for `STUCK_SECONDS` while nothing of what waits was copied."""
        gone = self._first_seen.keys() - set(files)
        if any(now - self._first_seen[file] >= _WAITS_SECONDS for file in gone) or (
            self._rests and Path(self._rests).exists()
        ):
            self._copied_at = now
        self._first_seen = {file: self._first_seen.get(file, now) for file in files}
        if now - self._copied_at < STUCK_SECONDS:
            return []
        return [file for file, since in self._first_seen.items() if now - since >= STUCK_SECONDS]

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
            if blamed := self._lackers(file):
                counted.update(blamed)
            elif self._is_set(file, _UNDER_WAY):
                self._under_way.add(file)
                counted.update([UNKNOWN] if file in before else [])
        return {name: float(count) for name, count in counted.items()}

    def _blamed(self, files: Sequence[str]) -> dict[str, float]:
        counted = Counter(name for file in files for name in self._lackers(file))
        return {name: float(count) for name, count in counted.items()}

    def _lackers(self, file: str) -> list[str]:
        return [name for mark, name in self._marks.items() if self._is_set(file, mark)]

    def _is_set(self, gfid: str, mark: str) -> bool:
        with suppress(OSError):  # it has no such mark, or is gone
            return any(os.getxattr(f"{self._brick}/.glusterfs/{gfid[:2]}/{gfid[2:4]}/{gfid}", mark))
        return False
