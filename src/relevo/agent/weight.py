"""The file that keepalived reads this node's weight from (its `track_file`)."""

from __future__ import annotations

import contextlib
from pathlib import Path


class WeightFile:
    """One integer; a new value replaces the file in one step, so that keepalived never reads half a number."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def read(self) -> int | None:
        """Return the weight that stands there, None when it is missing or garbled."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def write(self, weight: int) -> None:
        """Put a weight there, unless it is there."""
        if self.read() == weight:
            return
        new = self._path.with_name(self._path.name + ".new")
        new.write_text(f"{weight}\n", encoding="ascii")
        new.replace(self._path)

    def remove(self) -> None:
        """Leave no weight behind: keepalived then counts 0, which is less than any node with an agent has."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
