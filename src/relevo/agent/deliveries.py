"""This node's deliveries to the virtual IP: ended when it moves, for nobody would tell them, and tried again."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess

from relevo.agent.barriers import BarrierError, Barriers
from relevo.agent.pace import paced

_FLUSH = ("postqueue", "-f")
_FLUSH_SECONDS = paced(5.0)
_PUT_OFF_SECONDS = 2.0


class Deliveries:
    """Postfix's deliveries by LMTP. Lives on the agent's event loop."""

    def __init__(self, barriers: Barriers, port: str) -> None:
        """Take what ends connections, and the virtual IP's port for LMTP."""
        self._barriers, self._port = barriers, port
        self._work: asyncio.Task[None] | None = None

    async def end(self) -> None:
        """End those that this node began before the virtual IP moved."""
        await asyncio.to_thread(self._barriers.end_deliveries, self._port)

    def try_again(self) -> None:
        """Have Postfix try what could not be delivered, beside everything else, and once more a moment later."""
        self._work = asyncio.get_running_loop().create_task(_flush_twice())

    def restart(self) -> None:
        """Have begin anew what was to be delivered to the virtual IP while it was here and the gate closed."""
        self._work = asyncio.get_running_loop().create_task(self._restart())

    async def _restart(self) -> None:
        with contextlib.suppress(BarrierError):
            await self.end()
        await _flush_twice()


async def _flush_twice() -> None:
    """Try again now, and then what was just being given up: Postfix takes a moment to put it off."""
    await _flush()
    await asyncio.sleep(_PUT_OFF_SECONDS)
    await _flush()


async def _flush() -> None:
    """Have this node's Postfix try again at once what it could not deliver."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        await asyncio.to_thread(subprocess.run, _FLUSH, check=False, timeout=_FLUSH_SECONDS, capture_output=True)
