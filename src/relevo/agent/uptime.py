"""For how long has this machine been on? In a container /proc/uptime is its host's, so its first process is asked."""

from __future__ import annotations

import os
import time
from pathlib import Path

_FIRST = Path("/proc/1/stat")
_BEGAN = 22 - 3  # field `starttime` of proc_pid_stat(5), counted behind the name in brackets


def seconds(stat: Path = _FIRST) -> float | None:
    """Return the seconds since this machine's first process began, None when that can't be told."""
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        began = int(fields[_BEGAN]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return round(time.clock_gettime(time.CLOCK_BOOTTIME) - began, 3)
