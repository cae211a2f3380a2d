"""Gives locks back that this machine's mount of the mail store has lost on its way to a copy.

GlusterFS 11.1, reproduced: a program has a file open while a copy is away; the copy comes back without the file (an
empty disk), and the mount can't open it there (`remote_fd=-1` in its statedump), later neither, when the file has been
copied. What the mount asks of that copy goes without an open file then; but not while the program holds a lock of its
own on the file (`client_get_remote_fd`), as Dovecot does on `dovecot.index.log`. A write that locks the file on each
copy before the program has its lock, and unlocks it after, leaves its lock there. The next write waits for it for ever,
with the file locked on the other copies; so do the self-heal daemons, which then copy nothing at all; and so does
whoever opens that mailbox.

Such a lock is free when the connection ends that it came by: within a second all goes on (of 20 programs that had hung
for 25 s each). The mount connects anew after 3 s, and opens on that copy what is there by then. Standard library only.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any

from relevo.agent.barriers import END, BarrierError, Runner, run
from relevo.agent.healing import COPIES, MOUNT
from relevo.agent.history import RECONNECTS
from relevo.agent.links import Heard, missed
from relevo.agent.pace import paced
from relevo.agent.probe import COPIES_REACHED, COPY_STUCK
from relevo.agent.settings import Settings
from relevo.agent.standing import Standing

log = logging.getLogger(__name__)
MOUNT_PID_FILE = "/run/relevo-storage.pid"  # services/storage
SETTLED_SECONDS = paced(60.0)  # so long all copies must be reached: before, there is another reason
OTHERS_TURN_SECONDS = paced(30.0)  # programs are at work on the holder: the lock is mostly its mount's
AGAIN_SECONDS = paced(120.0)
_COUNTED_SECONDS = paced(20.0)  # a count that is older says nothing
_LIST = ("ss", "--no-header", "--numeric", "--tcp", "--processes", "--oneline", "state", "established")
_NEVER = float("-inf")


def stuck(
    own: str, standings: Mapping[str, Standing], heard: Mapping[str, Heard], now: float,
) -> tuple[str, int]:
    """Return whose copy gets nothing any more though everybody is there, and how many files wait; `"", 0` if none.

    Of several the one that lacks most: a mount may not be without two copies at once.
    """
    counted, mount = (standings[name].last if name in standings else None for name in (COPIES, MOUNT))
    if not counted or now - counted.at > _COUNTED_SECONDS or not mount or missed(heard, now):
        return "", 0
    reached = mount.figures.get(COPIES_REACHED, {}).get("", 0)
    lacked = {name: int(count) for name, count in counted.figures.get(COPY_STUCK, {}).items() if count}
    known = {name: count for name, count in lacked.items() if name == own or name in heard}
    if not known or reached <= len(heard):
        return "", 0
    return max(known.items(), key=lambda item: (item[1], item[0]))


class LostLocks:
    """The mount of this machine. Lives on the agent's event loop; `start` begins a piece of work there."""

    def __init__(
        self, settings: Settings, note: Callable[[str, str], None],
        start: Callable[[Coroutine[Any, Any, None]], None], end: Callable[[str, range], int] | None = None,
    ) -> None:
        """Take the settings, what notes (event, why) for the history, and what ends connections (`end_connections`)."""
        self._settings, self._note, self._start, self._end = settings, note, start, end or end_connections
        self._addresses = {peer.node: peer.address for peer in settings.peers} | {settings.node: settings.address}
        first, _, last = settings.config.get("gluster_brick_ports", "0:-1").partition(":")
        self._ports = range(int(first), int(last) + 1)
        self._there_since: float | None = None
        self._stuck_since: float | None = None
        self._ended_at = _NEVER

    def look(
        self, now: float, standings: Mapping[str, Standing], heard: Mapping[str, Heard], cut: Collection[str],
        *, holder: bool,
    ) -> None:
        """End the mount's connection to a copy that gets nothing any more, when nothing else can be the reason.

        `cut`: who is cut off from the storage. `holder`: this machine has the virtual IP.
        """
        there = not cut and not missed(heard, now) and bool(heard)
        self._there_since = _since(self._there_since, now, so=there)
        node, count = stuck(self._settings.node, standings, heard, now)
        self._stuck_since = _since(self._stuck_since, now, so=bool(node))
        if self._there_since is None or self._stuck_since is None:
            return
        is_due = now - self._stuck_since >= (0 if holder else OTHERS_TURN_SECONDS)
        if is_due and now - self._there_since >= SETTLED_SECONDS and now - self._ended_at >= AGAIN_SECONDS:
            self._ended_at = now
            self._start(self._reconnect(node, count))

    async def _reconnect(self, node: str, count: int) -> None:
        try:
            ended = await asyncio.to_thread(self._end, self._addresses[node], self._ports)
        except BarrierError as error:
            log.warning("the mount's connection to the copy of %s can't be ended: %s", node, error)
            return
        if ended:
            self._note(RECONNECTS, f"{node}: nothing of {count} files that its copy lacks was copied any more")


def _since(before: float | None, now: float, *, so: bool) -> float | None:
    """Return since when something is so, None when it isn't."""
    return (now if before is None else before) if so else None


def end_connections(
    address: str, ports: range, run: Runner = run, pid_file: Path = Path(MOUNT_PID_FILE),
) -> int:
    """End the mount's connections to the brick of a machine, and return how many there were; raise BarrierError."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0  # nothing is mounted
    there = ("dst", address, f"( dport >= :{ports.start} and dport <= :{ports.stop - 1} )")
    own = [port for port, owners in _owned(run((*_LIST, *there))) if f"pid={pid}," in owners]
    return sum(len(run((*END, "sport", "=", f":{port}", *there)).splitlines()) for port in own)


def _owned(lines: str) -> list[tuple[str, str]]:
    """Return our port of each connection and the processes that have it, from the output of `ss --processes`."""
    return re.findall(r"^\d+\s+\d+\s+\S+:(\d+)\s+\S+\s+(users:.*)$", lines, re.MULTILINE)
