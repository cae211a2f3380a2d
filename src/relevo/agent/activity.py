"""Do a unit's processes work, or want to? The kernel's account of their control group (version 2, with PSI).

A service that says nothing, of which no process has run, nor waited for a processor, a disk or memory, hangs: however
busy the machine is, it is not that which keeps it. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from relevo.agent.probe import SLICE, used

_RESOURCES = ("cpu", "io", "memory")


@dataclass(frozen=True)
class Activity:
    """What the processes of a unit have had since it started: processor time, in seconds, and waits by resource, in µs.

    `waited` has a number each for processor, disk and memory: for so long at least one process could not go on.
    """

    used: float
    waited: tuple[int, ...]


def activity(unit: str, root: Path = SLICE) -> Activity | None:
    """Return it for a unit, None when there is none or the kernel does not tell."""
    spent = used(unit, root) if unit else None
    if spent is None:
        return None
    waited = [stalled(root / unit / f"{resource}.pressure") for resource in _RESOURCES]
    known = tuple(time for time in waited if time is not None)
    return Activity(spent, known) if len(known) == len(waited) else None


def stalled(file: Path) -> int | None:
    """Return the microseconds in which something waited, the last number of the line `some` of a file of PSI."""
    try:
        return int(file.read_text(encoding="ascii").partition("\n")[0].rpartition("total=")[2])
    except (OSError, ValueError):
        return None
