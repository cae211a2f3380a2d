"""Clients that sit on a connection to the virtual IP must not wait for a dead node: the new holder wakes them.

The holder lists who is connected once a second and tells the other mail node; see `clients` and `tickle`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from socket import AddressFamily

from relevo.agent.clients import Clients
from relevo.agent.connections import Connection, family_of
from relevo.agent.pace import paced
from relevo.agent.tickle import Tickler, wake_all

log = logging.getLogger(__name__)
SURVEY_SECONDS = paced(1.0)  # how often the clients are listed


class Wakeup:
    """The list of clients, and who of the last holder's is still to be woken."""

    def __init__(self, vips: Sequence[str], gated: frozenset[int], woke: Callable[[int], None]) -> None:
        """Take the virtual IPs, the ports that the gate may keep shut, and what is told how many were woken."""
        self._woke = woke
        self.clients = Clients(*vips)
        self._ticklers = {family_of(vip): Tickler(vip) for vip in vips}
        self._gated = gated
        self._waiting: tuple[Connection, ...] = ()

    async def survey(self, holds: Callable[[], bool], tell: Callable[[Mapping[str, object]], bool]) -> None:
        """List the clients while this node holds the virtual IP, for ever, and tell the other mail node."""
        while True:
            if holds():
                try:
                    message = await asyncio.to_thread(self.clients.survey, time.monotonic())
                except OSError as error:
                    log.warning("the clients can't be listed: %s", error)
                else:
                    if message and not tell(message):
                        self.clients.whole_next()
            await asyncio.sleep(SURVEY_SECONDS)

    def took(self) -> None:
        """The virtual IP has come: the last holder's clients wait."""
        self._waiting = self.clients.take_over()

    def left(self) -> None:
        """The virtual IP has gone."""
        self.clients.left()
        self._waiting = ()

    @property
    def waits(self) -> bool:
        """Tell whether somebody is still to be woken."""
        return bool(self._waiting)

    async def wake(self, *, gate_open: bool) -> None:
        """Wake those whom nothing keeps out; those of a family that this node does not have are nobody's here.

        What they say next the kernel answers with a reset, and they come anew; one whom the gate does not hear then
        would wait longer.
        """
        free = [client for client in self._waiting if gate_open or client.port not in self._gated]
        if not free:
            return
        self._waiting = tuple(client for client in self._waiting if not gate_open and client.port in self._gated)
        woken = await asyncio.gather(*(self._wake(family, free) for family in self._ticklers))
        self._woke(sum(woken))

    async def _wake(self, family: AddressFamily, free: Sequence[Connection]) -> int:
        """Wake those who came by that family; what hinders us there must not hinder the others."""
        theirs = [client for client in free if family_of(client.client) == family]
        try:
            return await wake_all(self._ticklers[family], theirs) if theirs else 0
        except OSError as error:
            log.warning("%d clients could not be woken: %s", len(theirs), error)
            return 0
