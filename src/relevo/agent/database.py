"""Carries out what `relevo.agent.revival` decides: holds this machine's database or third vote, and lets it go."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relevo.agent.faults import Unit
from relevo.agent.held import COMMAND_SECONDS, Held, end, resume, run
from relevo.agent.history import REVIVED
from relevo.agent.links import Heard
from relevo.agent.pace import paced
from relevo.agent.revival import Act, Copy, Phase, Vote, decide, decide_vote, objection
from relevo.agent.settings import Settings
from relevo.agent.standing import Standing

log = logging.getLogger(__name__)
PROBE = "mariadb/database"
UNIT, VOTE_UNIT = "mariadb.service", "garb.service"
DATA, VOTE_VIEW = Path("/var/lib/mysql"), Path("/var/lib/garb/gvwstate.dat")
_READ_SECONDS = _BEGIN_SECONDS = paced(300.0)
_NEVER = float("-inf")


@dataclass(frozen=True)
class Means:
    """What the agent does for who asks: begins a piece of work, notes an event and why, tells the others its view."""

    start: Callable[[Coroutine[Any, Any, None]], None]
    note: Callable[[str, str], None]
    push: Callable[[], None]


class Database:
    """The database of a mail node. Lives on the agent's event loop."""

    def __init__(
        self, settings: Settings, standing: Callable[[], Standing], unit: Callable[[], Unit], means: Means,
    ) -> None:
        """Take who knows how the database's probe and unit are, and the means of the agent."""
        self._preferred = settings.preferred
        self._other = next((peer.node for peer in settings.peers if peer.is_mail), "")
        self._third = next((peer.node for peer in settings.peers if not peer.is_mail), "")
        self._standing, self._unit, self._means = standing, unit, means
        self._held = Held()
        self._phase: Phase | None = None  # while it is in our hands
        self._since = self._tried_at = _NEVER
        self._uuid, self._seqno = "", -1

    @property
    def in_hands(self) -> frozenset[str]:
        """Return the units that are stopped for now, and that nobody is to start."""
        return frozenset({UNIT} if self._phase else ())

    def view(self, now: float) -> dict[str, Any]:
        """Return how it is, for the other machines; its keys are in `relevo.agent.view`."""
        return _told(self._own(now), now)

    def follow(self, now: float, heard: Mapping[str, Heard]) -> None:
        """Do what is to be done now."""
        if self._phase is None and self._held.left_over:
            self._let_go("the last agent held it")
            return
        own, other = self._own(now), _copy(heard.get(self._other))
        act = decide(own, other, _vote(heard.get(self._third)), now, tried_at=self._tried_at, preferred=self._preferred)
        if act is Act.HOLD:
            self._hold(now)
        elif act is Act.BEGIN:
            self._enter(Phase.BEGINS)
            self._means.note(REVIVED, f"begins its cluster here: none ran, and no copy is ahead of {self._position}")
            self._means.start(self._begin())
        elif act is Act.LET_GO:
            self._let_go(objection(own, other))

    @property
    def _position(self) -> str:
        return f"{self._uuid}:{self._seqno}"

    def _own(self, now: float) -> Copy:
        standing = self._standing()
        phase = self._phase or found(standing, self._unit())
        since = self._since if self._phase else standing.since
        return Copy(phase, since, now, (DATA / "gvwstate.dat").exists(), self._uuid, self._seqno)

    def _enter(self, phase: Phase | None) -> None:
        """Go on to a phase and say so at once: the other agent trusts the last one that it heard."""
        self._phase, self._since = phase, time.monotonic()
        self._means.push()

    def _hold(self, now: float) -> None:
        try:
            if not self._held.take():
                return
        except OSError as error:
            log.warning("the database can't be held: %s", error)
            self._held.give_back()
            return
        self._tried_at, self._uuid, self._seqno = now, "", -1
        self._enter(Phase.STOPS)
        log.warning("neither database finds a cluster: this one is stopped, to see how far it had come")
        self._means.start(self._stop())

    async def _stop(self) -> None:
        """Stop it, and have it read its own log up to its end (galera_recovery)."""
        try:
            await asyncio.to_thread(end, UNIT)
            said = await asyncio.to_thread(run, ["galera_recovery"], _READ_SECONDS)
            self._uuid, self._seqno = position(said)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            log.warning("how far the database had come can't be read: %s", error)
        self._enter(Phase.HELD)

    async def _begin(self) -> None:
        """Begin the cluster here; whatever comes of it, the server is started."""
        try:
            await asyncio.to_thread(_forget_the_others, DATA)
            await asyncio.to_thread(run, ["galera_new_cluster"], _BEGIN_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            self._let_go(f"the cluster could not be begun here: {error}")
        else:
            self._enter(None)
            self._held.give_back()

    def _let_go(self, why: str) -> None:
        if why:
            self._means.note(REVIVED, f"starts it as usual: {why}; if that is in vain, `relevo recover database`")
        self._enter(None)
        self._means.start(resume(UNIT, self._held))


class ThirdVote:
    """garbd, on the storage machine: stopped, and its companions forgotten, while a cluster is begun anew."""

    def __init__(self, settings: Settings, means: Means) -> None:
        """Take the names of the mail nodes, and the means of the agent."""
        self._mail_nodes = [peer.node for peer in settings.peers if peer.is_mail]
        self._means, self._held = means, Held()
        self._since: float | None = None
        self._done = False

    @property
    def in_hands(self) -> frozenset[str]:
        """Return the units that are stopped for now, and that nobody is to start."""
        return frozenset({VOTE_UNIT} if self._since is not None else ())

    def view(self, now: float) -> dict[str, Any]:
        """Return whether it is out of the way."""
        return {"held": self._done, "for": round(now - self._since, 3) if self._since else 0.0}

    def follow(self, now: float, heard: Mapping[str, Heard]) -> None:
        """Do what is to be done now."""
        act = decide_vote(self._since, [_copy(heard.get(node)) for node in self._mail_nodes], now)
        if (self._since is None and self._held.left_over) or act is Act.LET_GO:
            self._since, self._done = None, False
            self._means.push()
            self._means.start(resume(VOTE_UNIT, self._held))
        elif act is Act.HOLD:
            with suppress(OSError):
                if self._held.take():
                    self._since = now
                    self._means.start(self._stop())

    async def _stop(self) -> None:
        try:
            await asyncio.to_thread(end, VOTE_UNIT)
            await asyncio.to_thread(VOTE_VIEW.unlink, missing_ok=True)
            self._done = True
            self._means.push()
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("the third vote could not be stopped, which is tried again: %s", error)
            self._since = None
            self._held.give_back()


def found(standing: Standing, unit: Unit) -> Phase:
    """Return the phase of a database that nobody holds."""
    if standing.good:
        return Phase.SERVES
    last = standing.last
    if standing.good is None or last is None or unit.stopped or unit.active == "unknown":
        return Phase.OTHER
    in_vain = last.majority_lost or last.refused or unit.active != "active"
    return Phase.WAITS if in_vain else Phase.OTHER


def position(said: str) -> tuple[str, int]:
    """Read `--wsrep_start_position=UUID:SEQNO`, galera_recovery's answer; raise ValueError when it is none."""
    uuid, separator, seqno = said.strip().rpartition("=")[2].split(",")[0].rpartition(":")
    if not separator:
        raise ValueError(f"{said!r} is no position")
    return uuid, int(seqno)


def _forget_the_others(data: Path) -> None:
    """Have the server begin by itself: none of these files holds data of the platform."""
    for name in ("gvwstate.dat", "galera.cache"):  # the cache may hold what only the others' history had
        (data / name).unlink(missing_ok=True)
    allow = "s/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/"
    run(["sed", "-i", allow, str(data / "grastate.dat")], COMMAND_SECONDS)


def _told(copy: Copy, now: float) -> dict[str, Any]:
    return {
        "phase": copy.phase.value, "for": round(now - copy.since, 3), "keeps_view": copy.keeps_view,
        "uuid": copy.uuid, "seqno": copy.seqno,
    }


def _copy(heard: Heard | None) -> Copy | None:
    """Return the other node's database as its agent last said; None when it said nothing that can be understood."""
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        if heard and (told := heard.view["database"]):
            since = heard.at - float(told["for"])
            uuid, seqno = str(told["uuid"]), int(told["seqno"])
            return Copy(Phase(told["phase"]), since, heard.alive_at, bool(told["keeps_view"]), uuid, seqno)
    return None


def _vote(heard: Heard | None) -> Vote:
    told = heard.view.get("database") if heard else None
    held = isinstance(told, dict) and told.get("held") is True
    return Vote(held, heard.alive_at) if heard else Vote(held)
