"""Has this machine's self-heal daemon rest while a copy of the mail has no room.

What a full copy can't take is written to the others and marked; the daemons of all machines then go for it again and
again, in vain, and each time whoever opens that file or folder waits for them. Measured with five messages a second and
a copy without room: sending took up to 11 s and opening a mailbox 5 to 9 s; without the daemons 0.3 and 0.6 s. There is
nothing that they could do before there is room.

The daemon is ended; a mark says so to its probe (`services/glusterfs/health.py`), which else would have it started.
With the mark gone it does, within its period. Standard library only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from relevo.agent.gluster import HEALER_PID_FILE, end_healer
from relevo.agent.links import Heard
from relevo.agent.standing import Standing
from relevo.agent.verdict import FRESH_SECONDS

log = logging.getLogger(__name__)
RESTS_FILE = "/run/relevo/healer-rests"  # as in services/glusterfs/health.py
ROOM = frozenset({"host/mail-disk", "host/copy-disk"})  # the probes that say whether there is room
_AGAIN_SECONDS = 5.0  # glusterd may have started it meanwhile
_NEVER = float("-inf")


def without_room(standings: Mapping[str, Standing], heard: Iterable[Heard], now: float) -> str:
    """Return what this machine, or another one that is heard, says of a disk without room; "" when none does."""
    own = (_said(standings[name]) for name in ROOM if name in standings and standings[name].good is False)
    others = (_full_there(other.view) for other in heard if now - other.alive_at <= FRESH_SECONDS)
    return next(filter(None, chain(own, others)), "")


def _said(standing: Standing) -> str:
    return standing.last.text if standing.last else "no room"


def _full_there(view: Mapping[str, Any]) -> str:
    """Return what another machine's view says of it; what is no view says nothing."""
    with suppress(KeyError, TypeError, AttributeError):
        full = (probe for probe in view["probes"] if probe["name"] in ROOM and probe["good"] is False)
        return next((f"{view['node']}: {probe['text']}" for probe in full), "")
    return ""


class Healing:
    """The self-heal daemon of this machine. Lives on the agent's event loop; `start` begins a piece of work there."""

    def __init__(
        self, volume: str, start: Callable[[Coroutine[Any, Any, None]], None], mark: Path = Path(RESTS_FILE)
    ) -> None:
        """Take the name of the volume, "" where there is none."""
        self._volume, self._start, self._mark = volume, start, mark
        self._rests, self._ended_at = mark.exists(), _NEVER

    def follow(self, now: float, why: str) -> None:
        """Have it rest when there is a reason, and no longer when there is none."""
        if why and self._volume and now - self._ended_at >= _AGAIN_SECONDS:
            self._ended_at = now
            self._start(asyncio.to_thread(self._rest, why))
        elif not why and self._rests:
            self._start(asyncio.to_thread(self._resume))

    def _rest(self, why: str) -> None:
        if not self._rests:
            log.warning("the self-heal daemon rests: %s", why)
        self._rests = True
        with suppress(OSError, ValueError):  # it does not run, or the next turn comes soon
            self._mark.touch()
            end_healer(Path(HEALER_PID_FILE.format(volume=self._volume)))

    def _resume(self) -> None:
        log.warning("there is room again: the self-heal daemon may go on")
        self._rests, self._ended_at = False, _NEVER
        with suppress(OSError):
            self._mark.unlink(missing_ok=True)
