"""What happened on this node around the virtual IP, kept across restarts: a JSON object a line, wall clock."""

from __future__ import annotations

import json
import os
import threading
import time
from itertools import takewhile
from pathlib import Path
from typing import Any

KEPT = 1000
TOOK, LOST, DEMOTED = "took", "lost", "demoted"  # the virtual IP; demoted: lost because this node was ill
ILL, WELL = "ill", "well"  # vital faults came, or the last one went
SILENT, CUT, LET_IN = "silent", "cut", "let-in"  # another machine, to the storage
OPENED, CLOSED = "opened", "closed"  # the gate to the mailboxes
ADOPTS, HANDS_BACK = "adopts", "hands-back"  # the other node's queue
LEAVES, RETURNS = "leaves", "returns"  # this node, the storage
WOKE = "woke"  # clients of the last holder
ORDERED = "ordered"  # planned work, by hand
RECONNECTS = "reconnects"  # its mount, to a copy
REVIVED = "revived"  # the database: how it came to a cluster again, which nothing else would have begun
FORGIVEN = "forgiven"  # earlier failovers, by hand: they count no longer
_MOVES = frozenset({TOOK, LOST, DEMOTED, SILENT, ORDERED})  # what tells why the virtual IP is where it is
_MOVES_SHOWN = 8
_DAY = 86400


class History:
    """The last events, oldest first; an event is `{"at": seconds since 1970, "event": ..., "why": ...}`."""

    def __init__(self, path: str) -> None:
        """Read what is there; a damaged line (the power went while it was written) is left out."""
        self._path = Path(path)
        self.events = _read(self._path)[-KEPT:]
        self._saving = threading.Lock()

    def add(self, event: str, why: str) -> None:
        """Note an event; `save` brings it to the disk."""
        entry = {"at": time.time_ns() // 1_000_000 / 1000, "event": event, "why": why}
        self.events = [*self.events, entry][-KEPT:]

    def save(self) -> None:
        """Write the events to the disk, which may take its time: call it in a thread. Raises OSError."""
        with self._saving:
            text = "".join(json.dumps(event) + "\n" for event in self.events)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_name(self._path.name + ".new")
            with new.open("w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            new.replace(self._path)

    def moves(self) -> list[dict[str, Any]]:
        """Return the last events that tell why the virtual IP is where it is, oldest first."""
        return [event for event in self.events if event["event"] in _MOVES][-_MOVES_SHOWN:]

    def took(self) -> dict[str, float | None]:
        """Return how long ago the virtual IP last came here (seconds), and how often within the last day."""
        now = time.time()
        ages = [now - event["at"] for event in self.events if event["event"] == TOOK and event["at"] <= now]
        return {"last": round(ages[-1], 3) if ages else None, "day": sum(age < _DAY for age in ages)}

    def demotions(self, now: float) -> tuple[float, ...]:
        """Return when this node was demoted since that was last forgiven, on the monotonic clock that says `now`."""
        wall = time.time()
        events = takewhile(lambda event: event["event"] != FORGIVEN, reversed(self.events))
        moments = [event["at"] for event in events if event["event"] == DEMOTED and event["at"] <= wall]
        return tuple(now - (wall - at) for at in reversed(moments))


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    events = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and {"at", "event", "why"} <= entry.keys() and isinstance(entry["at"], (int, float)):
            events.append(entry)
    return events
