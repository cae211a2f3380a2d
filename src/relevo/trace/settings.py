"""What the service is told in `/etc/relevo/trace.json`, rendered by `services/trace`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What the service is told.

    Attributes:
        node: this machine.
        socket: the UNIX socket on which it answers.
        index: the index's file.
        units: the units of systemd whose lines are read.
        days: so long a message is remembered.
        most_mb: so large the index may become, in MiB; what is oldest is forgotten earlier then.
    """

    node: str
    socket: str
    index: str
    units: tuple[str, ...]
    days: int
    most_mb: int


def read(path: str) -> Settings:
    """Read the configuration; raises OSError, ValueError or TypeError when it is missing or damaged."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    return Settings(**{**told, "units": tuple(told["units"])})
