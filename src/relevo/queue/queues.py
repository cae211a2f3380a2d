"""Which queues this node works on: its own, and that of the other mail node while it is adopted."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL

from relevo.queue.postfix import Postfix
from relevo.queue.settings import Settings

_ASK_SECONDS = 3.0


class Queues:
    """The queues, by the name of the node whose they are."""

    def __init__(self, own: Settings) -> None:
        self._own = own
        self._known = {own.node: Postfix(own.queue), **{node: Postfix(own.adopted) for node in own.peers}}

    async def present(self) -> dict[str, Postfix]:
        """Return the queues that this node works on now."""
        if await _is_active(self._own.adopted_unit):
            return self._known
        return {self._own.node: self._known[self._own.node]}


async def _is_active(unit: str) -> bool:
    """Tell whether a unit of systemd is active; one that can't be asked for is not."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_ASK_SECONDS):
            child = await asyncio.create_subprocess_exec(
                "systemctl", "is-active", "--quiet", unit, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
            )
            return await child.wait() == 0
    return False
