"""GlusterFS's daemons of this machine, made anew: seen to stay without a connection for good once all were cut at once.

A client (the mount, the self-heal daemon) that loses every brick within a moment may never try again, and a brick that
was stopped for want of a quorum may come back without a port. Standard library only.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from relevo.agent.units import Units

UNIT = "glusterd.service"
_HEALER = "/run/gluster/shd/{volume}/{volume}-shd.pid"


async def renew(units: Units, volume: str) -> None:
    """Have glusterd start its bricks and the self-heal daemon anew; raises UnitsUnknown or TimeoutError."""
    with suppress(OSError, ValueError):
        end_healer(Path(_HEALER.format(volume=volume)))
    await units.restart(UNIT)


def end_healer(pid_file: Path, proc: Path = Path("/proc")) -> None:
    """End the self-heal daemon, if it is still the process that the file names; raises OSError or ValueError."""
    pid = int(pid_file.read_text(encoding="ascii"))
    if b"shd/" in (proc / str(pid) / "cmdline").read_bytes():
        os.kill(pid, signal.SIGTERM)
