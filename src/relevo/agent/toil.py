"""How much processor time a unit's processes have used: a service that is silent and uses none hangs."""

from __future__ import annotations

from pathlib import Path

_SLICE = Path("/sys/fs/cgroup/system.slice")
_KEY = "usage_usec "  # cpu.stat of cgroup v2, in every kernel that Debian 12 and Ubuntu 22.04 and newer have


def used(unit: str, root: Path = _SLICE) -> float | None:
    """Return the seconds of processor time that a unit has used since its start, None when the kernel does not tell."""
    try:
        lines = (root / unit / "cpu.stat").read_text(encoding="ascii").splitlines()
        return next(int(line.removeprefix(_KEY)) for line in lines if line.startswith(_KEY)) / 1e6
    except (OSError, ValueError, StopIteration):
        return None
