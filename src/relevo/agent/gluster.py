"""GlusterFS's daemons of this machine, made anew: seen to stay without a connection for good once all were cut at once.

A client (the mount, the self-heal daemon) that loses every brick within a moment may never try again, and a brick that
was stopped for want of a quorum may come back without a port. Standard library only.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from relevo.agent.pace import paced

UNIT = "glusterd.service"
_COMMAND_SECONDS = paced(30.0)  # it asks the other machines
HEALER_PID_FILE = "/run/gluster/shd/{volume}/{volume}-shd.pid"


async def renew_healer(volume: str) -> None:
    """Have the self-heal daemon started anew; raises OSError or TimeoutError.

    Never by a restart of glusterd: that stops this machine's brick, and another one may be away just now.
    """
    with suppress(OSError, ValueError):
        end_healer(Path(HEALER_PID_FILE.format(volume=volume)))
    command = ("gluster", "--mode=script", "volume", "start", volume, "force")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(_COMMAND_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        raise


def end_healer(pid_file: Path, proc: Path = Path("/proc")) -> None:
    """End the self-heal daemon, if it is still the process that the file names; raises OSError or ValueError."""
    pid = int(pid_file.read_text(encoding="ascii"))
    if b"shd/" in (proc / str(pid) / "cmdline").read_bytes():
        os.kill(pid, signal.SIGTERM)
