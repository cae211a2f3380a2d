"""What a worker tells the operator's machine while it converges a node: one event a step, as a JSON line."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import asdict, dataclass

CHANGE, SAME, FAILED, READY, LOCKED, DONE, NOTE = ("change", "same", "failed", "ready", "locked", "done", "note")


@dataclass(frozen=True)
class Event:
    """One step of one service: `kind` is one of the words above; `detail` is a sentence, `diff` unified."""

    kind: str
    service: str = ""
    step: str = ""
    detail: str = ""
    diff: str = ""

    def to_json(self) -> str:
        """Return the event as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Event:
        """Read an event; raise ValueError when the line is something else."""
        data = json.loads(line)
        if not isinstance(data, dict) or "kind" not in data:
            raise ValueError(line)
        return cls(**data)


_sink: ContextVar[Callable[[Event], None]] = ContextVar("_sink")
_service: ContextVar[str] = ContextVar("_service", default="")


def listen(sink: Callable[[Event], None]) -> None:
    """Send the events of this context to `sink`."""
    _sink.set(sink)


def begin(service: str) -> None:
    """Name the service that the next events belong to."""
    _service.set(service)


def report(kind: str, step: str, detail: str = "", diff: str = "") -> None:
    """Tell about one step of the service at hand."""
    _sink.get()(Event(kind, _service.get(), step, detail, diff))
