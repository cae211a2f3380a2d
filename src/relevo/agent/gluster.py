"""GlusterFS's daemons of this machine, made anew: seen to stay without a connection for good once all were cut at once.

A client (the mount, the self-heal daemon) that loses every brick within a moment may never try again, and a brick that
was stopped for want of a quorum may come back without a port. Standard library only.
"""

from __future__ import annotations

import asyncio
import os
import random
import select
import signal
from contextlib import suppress
from pathlib import Path

from relevo.agent.pace import paced

UNIT = "glusterd.service"
BRICK = "glusterfs/brick"  # the probe that says whether clients find this machine's copy, in services/glusterfs
_COMMAND_SECONDS = paced(30.0)  # it asks the other machines
_AGAIN_SECONDS = paced(0.3), paced(1.0)
_END_SECONDS = paced(2.0)
_PROC = Path("/proc")


async def renew_healer(volume: str) -> None:
    """Have the self-heal daemon started anew; raises OSError or TimeoutError.

    Never by a restart of glusterd: that stops this machine's brick, and another one may be away just now.
    """
    await asyncio.to_thread(_wait_for_end, end_healers())
    command = ("gluster", "--mode=script", "volume", "start", volume, "force")
    # Another machine's may be under way, for they go on at the same moment: not at the same one again, and ever later
    # where it fails for another reason.
    pause = random.uniform(*_AGAIN_SECONDS)  # noqa: S311 - no secret
    async with asyncio.timeout(_COMMAND_SECONDS):
        while True:
            if await _succeeds(command):
                return
            await asyncio.sleep(pause)
            pause *= 2


async def _succeeds(command: tuple[str, ...]) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        return await process.wait() == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()


def end_healers(proc: Path = _PROC) -> tuple[int, ...]:
    """End this machine's self-heal daemon, and return what was ended: more than one where glusterd has started two.

    Its own file may name the wrong one then: the second, which ends because the first has the socket. And glusterd,
    which goes by that file, starts one after the other in vain, as long as the first is there.
    """
    found = tuple(int(folder.name) for folder in proc.iterdir() if folder.name.isdecimal() and _is_healer(folder))
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    return found


def _is_healer(folder: Path) -> bool:
    with suppress(OSError):  # it has just ended
        program, *words = (folder / "cmdline").read_bytes().split(b"\0")
        return program.endswith(b"glusterfs") and any(word.startswith(b"shd/") for word in words)
    return False


def _wait_for_end(pids: tuple[int, ...]) -> None:
    """Wait until these processes have ended, for a moment each: a new one needs their socket."""
    for pid in pids:
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                select.select([handle], [], [], _END_SECONDS)
            finally:
                os.close(handle)
