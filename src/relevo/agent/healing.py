"""Has this machine's self-heal daemon rest while it could do nothing, or harm.

While a copy of the mail has no room: what a full copy can't take is written to the others and marked; the daemons of
all machines then go for it again and again, in vain, and each time whoever opens that file or folder waits for them.
Measured with five messages a second and a copy without room: sending took up to 11 s and opening a mailbox 5 to 9 s;
without the daemons 0.3 and 0.6 s.

While a machine with a copy is away, and nobody else's copy is behind: every few seconds they go through all that it has
missed, which grows. Measured with 500 messages out of a dead node's queue: 15 delivered a second, 32 without the
daemons, and the more there is the slower.

While two machines that run don't hear each other, or a mount lacks a copy that is there: a file that is renamed through
such a mount, while a daemon that reaches all copies heals the one that the mount does not reach, may end there under
both names, and nothing says so (GlusterFS 11.1: what is found under a name that it has lost waits in a folder of its
own and is given its next name by a hard link; when that name is lost, too, the file is renamed back onto its own other
link, which does nothing and is no error). Each message is renamed when it has been written and when it is first seen:
23 of 147 in half a minute were seen twice where that copy is read, and in a folder that was deleted came back, empty.
With `cluster.use-anonymous-inode` off there were none of those, but 2 of 600 were empty on that copy. With the daemons
at rest, and a mount that reaches all copies when they go on: none of either, of 804.

The daemon is ended; a mark says so to its probe (`services/glusterfs/health.py`), which else would have it started.
They go on at once when there is room, or when no copy has any; a moment later when another copy is behind. When the
machine is back they go on as soon as clients find its copy: what starts a daemon is a command to all machines, which
starts bricks, too, and one that its own glusterd starts at the same moment is found by nobody afterwards (see
`services/glusterfs/portmap.py`). Standard library only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from relevo.agent.gluster import BRICK, end_healers, renew_healer
from relevo.agent.links import Heard, missed
from relevo.agent.pace import paced
from relevo.agent.probe import COPIES_REACHED, COPY_BEHIND, NO_ROOM
from relevo.agent.standing import Standing

log = logging.getLogger(__name__)
RESTS_FILE = "/run/relevo/healer-rests"  # as in services/glusterfs/health.py
ROOM = frozenset({"host/mail-disk", "host/copy-disk"})  # the probes that say whether there is room
STORE = "storage/mail store"  # the probe of services/storage
COPIES = "glusterfs/copies"  # the probe that counts what other copies lack, in services/glusterfs
MOUNT = "glusterfs/mount"  # the probe that counts the copies that the mount reaches
AWAY_SECONDS = paced(5.0)  # so long a machine must be silent: a moment is not worth it
APART_SECONDS = paced(1.0)  # so long two must not hear each other: words about who is back are on their way
_COUNTED_SECONDS = paced(20.0)  # a count that is older says nothing
RETURN_SECONDS = paced(6.0)  # who was away is left alone for so long: it begins its services anew, glusterd first
_RETURN_PATIENCE_SECONDS = paced(30.0)  # and so long at most, until clients find its copy
_AGAIN_SECONDS = paced(5.0)  # glusterd may have started it meanwhile
_NEVER, _NEVER_YET = float("-inf"), float("inf")


def without_room(standings: Mapping[str, Standing], heard: Iterable[Heard], now: float) -> str:
    """Return what this machine, or another one that is heard, says of a disk without room, "" when none does.

    Nor where the store takes nothing at all, or hangs: where no copy has room any more, both mounts were seen to hang
    until the daemons were back.
    """
    others = (other.view for other in heard if other.is_fresh(now))
    own = [_told(name, standings[name]) for name in (STORE, *ROOM) if name in standings]
    views: list[Mapping[str, Any]] = [{"probes": own}, *others]
    said = [_said(view) for view in views]
    return "" if any(stuck for stuck, _ in said) else next((full for _, full in said if full), "")


def in_vain(
    standings: Mapping[str, Standing], heard: Mapping[str, Heard], still_cut: Collection[str], now: float,
) -> str:
    """Return which machine is away, if what this machine's daemon could heal is that one's copy alone; else "".

    Away is who has been silent for a while. A machine whose kernel has ended the connection runs, without its agent:
    its copy is there. Of one that was never heard nothing is known. `still_cut`: who is cut off from the storage, once
    the daemon rests: one that began before they are let in would try in vain, and ever more seldom.
    """
    away = {name for name, last in heard.items() if now - last.alive_at > AWAY_SECONDS and not last.closed}
    away.update(still_cut)
    counted = standings[COPIES].last if COPIES in standings else None
    if not away or not counted or now - counted.at > _COUNTED_SECONDS:
        return ""
    behind = {name for name, count in counted.figures.get(COPY_BEHIND, {}).items() if count}
    return f"{', '.join(sorted(behind))} is away" if behind and behind <= away else ""


def apart(own: str, heard: Mapping[str, Heard], now: float) -> str:
    """Return which two machines that are there don't hear each other, "" when none.

    There is who is heard by us or by another one that we hear. One that nobody hears is away, which is another matter.
    """
    views = {name: last.view for name, last in heard.items() if last.is_fresh(now)}
    misses, hears = {own: missed(heard, now)}, {own: frozenset(views)}
    for name, view in views.items():
        with suppress(KeyError, TypeError):  # it is older or newer than this agent
            misses[name] = frozenset(view["misses"])
            hears[name] = frozenset(view["relayed"]) - misses[name]
    there = frozenset[str]({own}).union(*hears.values())
    pairs = sorted({tuple(sorted((one, other))) for one, others in misses.items() for other in others & there})
    return "; ".join(f"{one} and {other} don't hear each other" for one, other in pairs)


def lacking(standings: Mapping[str, Standing], heard: Mapping[str, Heard], now: float) -> str:
    """Return that a mount, this machine's or another one's, reaches fewer copies than there are; "" when none does.

    That is known where all machines are there.
    """
    if missed(heard, now):
        return ""
    own = {"probes": [_told(MOUNT, standings[MOUNT])] if MOUNT in standings else []}
    reached = [count for view in (own, *(last.view for last in heard.values())) for count in _reached(view)]
    return "a mount does not reach all copies" if reached and min(reached) <= len(heard) else ""


def _reached(view: Mapping[str, Any]) -> list[float]:
    with suppress(KeyError, TypeError, AttributeError):
        probes = [probe for probe in view["probes"] if probe["name"] == MOUNT]
        return [count for probe in probes for count in probe.get("figures", {}).get(COPIES_REACHED, {}).values()]
    return []


def is_spared(
    standings: Mapping[str, Standing], heard: Mapping[str, Heard], peers: Iterable[str], cut: Collection[str],
    now: float,
) -> bool:
    """Tell whether the mail can do without this machine's copy for a moment: the others are there and lack nothing."""
    here = {name for name, last in heard.items() if last.is_fresh(now)}
    counted = standings[COPIES].last if COPIES in standings else None
    lacks = not counted or any(counted.figures.get(COPY_BEHIND, {}).values())
    return not cut and here.issuperset(peers) and not lacks


def _are_found(heard: Iterable[Heard]) -> bool:
    """Tell whether no machine says that clients don't find its copy."""
    with suppress(KeyError, TypeError, AttributeError):
        return not any(
            probe["name"] == BRICK and probe["good"] is False for last in heard for probe in last.view["probes"]
        )
    return True


def _told(name: str, standing: Standing) -> dict[str, Any]:
    last = standing.last
    text, figures = (last.text, last.figures) if last else ("", {})
    return {"name": name, "good": standing.good, "text": text, "figures": figures}


def _said(view: Mapping[str, Any]) -> tuple[bool, str]:
    """Return whether a machine's store is stuck, and what it says of a full disk; what is no view says nothing.

    A disk that could not be looked at has no figures: it is no full one.
    """
    stuck, full = False, ""
    with suppress(KeyError, TypeError, AttributeError):
        for probe in view["probes"]:
            if probe["name"] == STORE:
                stuck = probe["good"] is False or probe["text"] == NO_ROOM
            elif probe["name"] in ROOM and probe["good"] is False and probe.get("figures"):
                full = f"{view['node']}: {probe['text']}" if "node" in view else probe["text"]
    return stuck, full


class Healing:
    """The self-heal daemon of this machine. Lives on the agent's event loop; `start` begins a piece of work there."""

    def __init__(
        self, node: str, volume: str, start: Callable[[Coroutine[Any, Any, None]], None],
        mark: Path = Path(RESTS_FILE),
    ) -> None:
        """Take the name of this machine and of the volume, "" where there is none."""
        self._node, self._volume, self._start, self._mark = node, volume, start, mark
        self._apart_since = _NEVER_YET
        self._rests, self._ended_at, self._away_at = mark.exists(), _NEVER, _NEVER

    def look(
        self, now: float, standings: Mapping[str, Standing], heard: Mapping[str, Heard], cut: Collection[str],
    ) -> None:
        """Have it rest or go on, by what probes and the other machines say and who is `cut` off from the storage."""
        still_cut = cut if self._rests else ()
        why = without_room(standings, heard.values(), now)
        settles = RETURN_SECONDS if _are_found(heard.values()) else _RETURN_PATIENCE_SECONDS
        if away := self._apart(standings, heard, now) or in_vain(standings, heard, still_cut, now):
            self._away_at = now
        elif now - self._away_at < settles:
            away = "who was away has just come back"
        self.follow(now, why or away)

    def _apart(self, standings: Mapping[str, Standing], heard: Mapping[str, Heard], now: float) -> str:
        why = apart(self._node, heard, now) or lacking(standings, heard, now)
        self._apart_since = min(self._apart_since, now) if why else _NEVER_YET
        return why if now - self._apart_since >= APART_SECONDS else ""

    def follow(self, now: float, why: str) -> None:
        """Have it rest when there is a reason, and no longer when there is none."""
        if why and self._volume and now - self._ended_at >= _AGAIN_SECONDS:
            self._ended_at = now
            self._start(asyncio.to_thread(self._rest, why))
        elif not why and self._rests:
            self._start(self._resume())

    def _rest(self, why: str) -> None:
        if not self._rests:
            log.warning("the self-heal daemon rests: %s", why)
        self._rests = True
        with suppress(OSError):  # the next turn comes soon
            self._mark.touch()
            end_healers()

    async def _resume(self) -> None:
        log.warning("the self-heal daemon goes on")
        self._rests, self._ended_at = False, _NEVER
        with suppress(OSError):
            await asyncio.to_thread(self._mark.unlink, missing_ok=True)
        with suppress(OSError, TimeoutError):  # its probe tries again
            await renew_healer(self._volume)
