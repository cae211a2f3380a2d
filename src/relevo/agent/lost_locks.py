"""Gives locks back that this machine's mount of the mail store has lost on its way to a copy.

GlusterFS 11.1, reproduced: a program has a file open while a copy is away; the copy comes back without the file (an
empty disk), and the mount can't open it there (`remote_fd=-1` in its dump), nor does it try again for long. What the
mount asks of that copy goes without an open file then; but not while the program holds a lock of its own on the file
(`client_get_remote_fd`), as Dovecot does on `dovecot.index.log`. A write that locks the file on each copy before the
program has its lock, and unlocks it after, leaves its lock there. The next write waits for it for ever, with the file
locked on the other copies; so does whoever opens that mailbox, and in the end the self-heal daemons, which copy nothing
at all then.

Such a lock is free when the connection ends that it came by: within a second all goes on. The mount connects anew after
3 s, and opens on that copy what is there by then. That is done when a program of the mail's has waited for the store
for long, or nothing is copied any more, or a copy that lacked something has become whole, so that nothing can be lost
there later; and only where the mount has files that are not open on that copy. Standard library only.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relevo.agent.barriers import END, BarrierError, Runner, between, run
from relevo.agent.healing import COPIES, MOUNT
from relevo.agent.history import RECONNECTS
from relevo.agent.links import Heard, missed
from relevo.agent.mount_files import MOUNT_PID_FILE, mount_pid, unopened
from relevo.agent.pace import paced
from relevo.agent.probe import COPIES_REACHED, COPY_BEHIND, COPY_STUCK, LONG_WAIT_SECONDS, STORE_WAIT
from relevo.agent.settings import Settings
from relevo.agent.standing import Outcome, Standing

log = logging.getLogger(__name__)
WAITS = "glusterfs/waits"  # the probe that sees whether a program waits for the mount, in services/glusterfs
AGAIN_SECONDS = paced(20.0)  # by then the mount has connected anew
# It is done ever more seldom where it does not help: a file that is open and deleted is not open on a copy that came
# back, either, and copying a large folder takes as long as it takes, if it is not disturbed.
RARELY_SECONDS = 600.0
_COUNTED_SECONDS = paced(20.0)  # a count that is older says nothing
_LIST = ("ss", "--no-header", "--numeric", "--tcp", "--processes", "--oneline", "state", "established")
_NEVER = float("-inf")


def end_connections(address: str, ports: str, run: Runner = run, pid_file: Path = MOUNT_PID_FILE) -> int:
    """End the mount's connections to the brick of a machine, and return how many there were; raise BarrierError.

    `ports`: the bricks', as `first:last`.
    """
    if not (pid := mount_pid(pid_file)):
        return 0
    there = ("dst", address, between("dport", ports))
    own = [port for port, owners in _owned(run((*_LIST, *there))) if f"pid={pid}," in owners]
    return sum(len(run((*END, "sport", "=", f":{port}", *there)).splitlines()) for port in own)


def _owned(lines: str) -> list[tuple[str, str]]:
    """Return our port of each connection and the processes that have it, from the output of `ss --processes`."""
    return re.findall(r"^\d+\s+\d+\s+\S+:(\d+)\s+\S+\s+(users:.*)$", lines, re.MULTILINE)


@dataclass
class Means:
    """What can be asked of the mount and done to it; both block, and raise OSError or BarrierError."""

    unopened: Callable[[], Mapping[int, int]] = unopened
    end: Callable[[str, str], int] = end_connections


class LostLocks:
    """The mount of this machine. Lives on the agent's event loop; `start` begins a piece of work there."""

    def __init__(
        self, settings: Settings, note: Callable[[str, str], None],
        start: Callable[[Coroutine[Any, Any, None]], None], means: Means | None = None,
    ) -> None:
        """Take the settings, and what notes (event, why) for the history."""
        self._note, self._start, self._means = note, start, means or Means()
        addresses = {peer.node: peer.address for peer in settings.peers} | {settings.node: settings.address}
        copies = settings.config.get("storage_copies", "").split(",")
        self._copies = [(name, addresses[name]) for name in copies if name in addresses]
        self._ports = settings.config.get("gluster_brick_ports", "")
        self._lacked, self._looked_at, self._ended_at = False, _NEVER, _NEVER
        self._pause = AGAIN_SECONDS

    def look(
        self, now: float, standings: Mapping[str, Standing], heard: Mapping[str, Heard], cut: Collection[str],
    ) -> None:
        """Free what is lost, by what the probes and the other machines say and who is `cut` off from the storage.

        The mount may lose a copy for a moment only where it reaches all of them.
        """
        mount = _last(standings, MOUNT, now)
        reached = mount.figures.get(COPIES_REACHED, {}).get("", 0) if mount else 0
        if cut or missed(heard, now) or not self._copies or reached < len(self._copies):
            return
        why = self._why(standings, now)
        if why and now - self._looked_at >= AGAIN_SECONDS and now - self._ended_at >= self._pause:
            self._looked_at = now
            self._start(self._free(why, now))

    def _why(self, standings: Mapping[str, Standing], now: float) -> str:
        """Return why the mount should be asked, "" when there is no reason."""
        waits, copies = _last(standings, WAITS, now), _last(standings, COPIES, now)
        if waits and waits.figures.get(STORE_WAIT, {}).get("", 0) >= LONG_WAIT_SECONDS:
            return waits.text
        if not copies:
            return ""
        if count := sum(copies.figures.get(COPY_STUCK, {}).values()):
            return f"nothing of {count:.0f} files is copied any more"
        lacked, self._lacked = self._lacked, any(copies.figures.get(COPY_BEHIND, {}).values())
        return "a copy that lacked files has them" if lacked and not self._lacked else ""

    async def _free(self, why: str, now: float) -> None:
        try:
            found = await asyncio.to_thread(self._means.unopened)
            copy, count = max(found.items(), key=lambda item: item[1], default=(-1, 0))
            if not 0 <= copy < len(self._copies):
                return
            node, address = self._copies[copy]
            if await asyncio.to_thread(self._means.end, address, self._ports):
                another_time = now - self._ended_at > RARELY_SECONDS
                self._pause = AGAIN_SECONDS if another_time else min(2 * self._pause, RARELY_SECONDS)
                self._ended_at = now
                self._note(RECONNECTS, f"{node}: {count} open files were not open there; {why}")
        except (OSError, BarrierError) as error:
            log.warning("the mount can't be connected to a copy anew: %s", error)


def _last(standings: Mapping[str, Standing], name: str, now: float) -> Outcome | None:
    last = standings[name].last if name in standings else None
    return last if last and now - last.at <= _COUNTED_SECONDS else None
