"""Which message the lines of an SMTP dialogue belong to. Pure.

smtpd(8) talks to a client before the message has a queue id: what it says then waits here by its process, until a line
says what became of the message. One that was refused at the door gets a key of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from relevo.trace.lines import Event, Line

_MOST = 2000  # dialogues that are remembered; a mail node has some dozens at a time
_FORGOTTEN = 6 * 3600 * 1_000_000  # microseconds: what began earlier has ended without a line


class Connections:
    """What is going on at the door of one node."""

    def __init__(self, node: str, remembered: dict[str, dict[str, list[Any]]] | None = None) -> None:
        """Take the node's name, and what `remembered` has returned before a restart."""
        self._node = node
        self._open = {process: dict(lines) for process, lines in (remembered or {}).items()}

    def place(self, line: Line, event: Event) -> Iterator[tuple[str, Line]]:
        """Return the lines whose message is known by this one, each with that message's key."""
        if event.key and event.kind != "accepted":
            yield event.key, line
            return
        process = f"{line.program}.{line.pid}"
        match event.kind:
            case "tls" | "client":
                self._open.setdefault(process, {})[event.kind] = [*line]
                self._forget(line.at)
            case "accepted":
                yield from self._with_dialogue(process, event.key, line)
                self._open.get(process, {}).pop("client", None)  # of the next message it says so again
            case "rejected":
                yield from self._with_dialogue(process, f"door.{self._node}.{line.at:x}.{line.pid}", line)
            case "connect" | "disconnect":
                self._open.pop(process, None)

    def remembered(self) -> dict[str, dict[str, list[Any]]]:
        """Return what must not be lost at a restart, as JSON can have it."""
        return self._open

    def _with_dialogue(self, process: str, key: str, line: Line) -> Iterator[tuple[str, Line]]:
        lines = self._open.get(process, {})
        yield from ((key, Line(*lines[kind])) for kind in ("tls", "client") if kind in lines)
        yield key, line

    def _forget(self, now: int) -> None:
        if len(self._open) <= _MOST:
            return
        started = {process: max(line[0] for line in lines.values()) for process, lines in self._open.items() if lines}
        oldest = sorted(started, key=started.__getitem__)[: len(started) // 2]
        self._open = {
            process: self._open[process] for process in started.keys() - oldest
            if started[process] > now - _FORGOTTEN
        }
