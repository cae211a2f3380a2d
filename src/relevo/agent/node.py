"""The agent of one node: probes, units and peers in, a weight for keepalived out."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Collection, Coroutine
from typing import Any

from relevo.agent import uptime
from relevo.agent import view as views
from relevo.agent.barriers import Barriers
from relevo.agent.database import PROBE as DATABASE_PROBE
from relevo.agent.database import UNIT as DATABASE_UNIT
from relevo.agent.database import Database, Means, ThirdVote
from relevo.agent.faults import SIGNAL_SECONDS, Duty, Fault, Unit, judge, name_of
from relevo.agent.guard import Guard
from relevo.agent.handover import Handover
from relevo.agent.healing import Healing, is_spared
from relevo.agent.history import DEMOTED, FORGIVEN, ILL, LOST, ORDERED, TOOK, WELL, WOKE, History
from relevo.agent.holder import Holder
from relevo.agent.links import Links, missed
from relevo.agent.lost_locks import LostLocks
from relevo.agent.notify import ALIVE, READY, notify, silence
from relevo.agent.pace import paced
from relevo.agent.passage import Passage, six
from relevo.agent.peers import Peers
from relevo.agent.planned import DRAIN, FORCED, FORGIVE, SWITCH_OVER, UNDRAIN, Planned, refusal
from relevo.agent.probe import Probe
from relevo.agent.quotas import quotas
from relevo.agent.repairs import NEVER, REST_AGAIN_SECONDS, Repairs
from relevo.agent.runner import Runner
from relevo.agent.settings import Settings
from relevo.agent.standing import Standing
from relevo.agent.units import Units
from relevo.agent.verdict import UNSEEN, Situation, Verdict, weigh
from relevo.agent.wakeup import Wakeup
from relevo.agent.weight import WeightFile

log = logging.getLogger(__name__)
KEEPALIVED = "keepalived.service"
TICK_SECONDS = paced(0.5)  # the verdict's own clock: what only time changes is seen this late
URGENT_SECONDS = paced(0.1)  # the same while somebody waits to be cut off, or for the gate to open
SILENCE_SECONDS = paced(2.0)  # as WatchdogSec= in our unit: then we hang, and are killed
FIRST_ROUND_SECONDS = paced(5.0)  # a weight left by our predecessor (a reload) stands this long at most
FOUND_SECONDS = paced(1.0)  # an address that is here when the agent begins did not come now
_HISTORY_SHOWN = 20


class Node:
    """One agent. Everything happens on one event loop; only the probes run in threads."""

    def __init__(self, settings: Settings, probes: tuple[Probe, ...], barriers: Barriers) -> None:
        """Take the settings and the probes of this node, and its fence and gate."""
        self._settings = settings
        self._began = time.monotonic()
        self._runner = Runner(probes, self._on_probe)
        config = settings.config
        own = {KEEPALIVED, config["storage_unit"], config["adopted_unit"]} if settings.is_mail else set()
        self._units = Units({probe.unit for probe in probes if probe.unit} | own, self._on_unit)
        self._holder = Holder(settings.vip, self._on_holder)
        gated = frozenset(int(port) for port in config["gated_ports"].split(","))
        vips = [vip for vip in (settings.vip, settings.vip6) if vip]
        self._wakeup = Wakeup(vips, gated, lambda count: self._note(WOKE, f"{count} of the last holder"))
        self._links = Links(settings, self.view, self._on_heard, self._wakeup.clients)
        self._peers = Peers(settings.peers, self._links)
        self._history = History(f"{settings.state_directory}/agent-history.jsonl")
        self._guard = Guard(
            settings, self._units, barriers, self._weigh, self._note, gives=lambda: self._handover.gives,
        )
        handed = config.get("handed_ports", "").split(",")
        passage = Passage(settings.vip, handed, config["lmtp_port"], six=six(settings), quotas=quotas(settings))
        self._handover = Handover(
            passage, self._on_handover, lambda: self._holder.holds, lambda: self._peers.other_does("receives"),
            lambda: self._guard.is_open,
        )
        self._weight = WeightFile(settings.weight_file)
        self._planned = Planned(settings.state_directory)
        self._repairs = Repairs(
            self._runner, self._units, config.get("storage_volume", ""), self._start, self._is_spared,
        )
        self._healing = Healing(self._settings.node, config.get("storage_volume", ""), self._start)
        self._lost_locks = LostLocks(settings, self._note, self._start)
        self._database = self._database_or_vote()
        self._faults: tuple[Fault, ...] = ()
        self._well_since = self._left_at = self._rested_at = NEVER
        self._yielded_at = NEVER
        self._holder_since = NEVER
        self._verdict = Verdict(UNSEEN, ("the agent has just begun",))
        self._told: dict[str, tuple[str, str]] = {}  # what the log last said of a unit
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Watch for ever."""
        self._holder.start(asyncio.get_running_loop())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._units.run())
            group.create_task(self._runner.run())
            group.create_task(self._links.run())
            group.create_task(self._guard.start())
            if self._settings.is_mail:
                group.create_task(self._handover.clean_up())
            group.create_task(self._wakeup.survey(lambda: self._holder.holds, self._links.tell))
            group.create_task(self._tick())

    def view(self) -> views.View:
        """Return what this node knows of itself; its keys are in `relevo.agent.view`."""
        now = time.monotonic()
        names = self._runner.probes
        return {
            "node": self._settings.node,
            "time": round(time.time(), 3),
            "started": round(now - self._began, 3),
            "up": uptime.seconds(),
            "holder": self._holder.holds,
            "holder_since": round(now - self._holder_since, 3) if self._holder.holds else None,
            "weight": self._verdict.weight,
            "why": list(self._verdict.why),
            "seen": self._seen(),
            "drained": self._planned.drained,
            "handover": self._handover.view(),
            "keepalived": self._units.get(KEEPALIVED).active if self._settings.is_mail else "",
            "probes": views.probes(((names[name], standing) for name, standing in self._runner.standings.items()), now),
            "faults": views.faults(self._faults),
            "guard": self._guard.view(),
            "database": self._database.view(now),
            "took": self._history.took(),
            "moves": self._history.moves(),
            "relayed": views.relay(self._peers.words(), now),
            "misses": sorted(missed(self._links.heard, now)),
        }

    def whole_view(self) -> views.View:
        """Return our view and the last one of each peer, with its age (None: never heard of) since it was confirmed."""
        own = {**self.view(), "history": self._history.events[-_HISTORY_SHOWN:]}
        return {"own": own, "peers": self._peers.with_ages(time.monotonic())}

    def history(self) -> list[dict[str, Any]]:
        """Return all events of this node that are kept, oldest first."""
        return self._history.events

    def obey(self, order: str) -> str:
        """Carry an order of planned work out; return why not, "" when it is on its way."""
        name, forced = order.removesuffix(FORCED), order.endswith(FORCED)
        why = self._refusal(time.monotonic()) if name in {SWITCH_OVER, DRAIN} and not forced else ""
        if not self._settings.is_mail:
            why = "this machine never has the virtual IP"
        elif name == SWITCH_OVER and not self._holder.holds:
            why = "this node does not have the virtual IP"
        if why:
            return why
        try:
            if name in {DRAIN, UNDRAIN}:
                {DRAIN: self._planned.drain, UNDRAIN: self._planned.undrain}[name]()
        except OSError as error:
            return f"{self._settings.state_directory} can't be written: {error.strerror or error}"
        if name in {UNDRAIN, FORGIVE}:
            self._note(FORGIVEN, "earlier failovers count no longer")
        if name != FORGIVE:
            self._note(ORDERED, order)
        if name in {SWITCH_OVER, DRAIN} and self._holder.holds:
            self._handover.give()
        self._on_handover()
        return ""

    def _on_handover(self) -> None:
        self._weigh()
        self._links.push()

    async def _tick(self) -> None:
        notify(READY)
        notify(silence(SILENCE_SECONDS))
        while True:
            self._weigh()
            now = time.monotonic()
            self._rest_if_needed(now)
            self._healing.look(now, self._runner.standings, self._links.heard, self._guard.cut)
            self._lost_locks.look(now, self._runner.standings, self._links.heard, self._guard.cut)
            self._database.follow(now, self._links.heard)
            notify(ALIVE)
            await asyncio.sleep(self._until_next())

    def _is_spared(self) -> bool:
        peers = [peer.node for peer in self._settings.peers]
        return is_spared(self._runner.standings, self._links.heard, peers, self._guard.cut, time.monotonic())

    def _database_or_vote(self) -> Database | ThirdVote:
        means = Means(self._start, self._note, self._links.push)
        if not self._settings.is_mail:
            return ThirdVote(self._settings, means)
        standings = self._runner.standings
        return Database(
            self._settings, lambda: standings.get(DATABASE_PROBE, Standing()),
            lambda: self._units.get(DATABASE_UNIT), means,
        )

    def _rest_if_needed(self, now: float) -> None:
        """Hand over when something here can only be mended at rest, and is well on the other mail node."""
        if not self._holder.holds or self._handover.gives or now - self._rested_at < REST_AGAIN_SECONDS:
            return
        name = self._repairs.waiting_for_rest(now)
        if name and self._peers.is_well_there(name) and not self._refusal(now):
            self._rested_at = now
            self._note(ORDERED, f"{SWITCH_OVER}, since {name} can only be mended then")
            self._handover.give()
            self._on_handover()

    def _until_next(self) -> float:
        """Return the seconds to the next turn; ask the others first when time presses."""
        if not self._guard.is_urgent(time.monotonic(), self._peers.words()):
            return TICK_SECONDS
        self._links.ask()
        return URGENT_SECONDS

    def _on_probe(self, probe: Probe) -> None:
        standing = self._runner.standings[name_of(probe)]
        said = standing.last.text if standing.last else ""
        log.info("%s is %s: %s", name_of(probe), "good" if standing.good else "bad", said)
        self._weigh()
        if standing.good is False:  # by then systemd has said whether its unit was stopped, died or is restarted
            asyncio.get_running_loop().call_later(SIGNAL_SECONDS, self._weigh)

    def _on_unit(self, name: str, unit: Unit) -> None:
        if (unit.active, unit.job) != self._told.get(name):
            self._told[name] = unit.active, unit.job
            log.info("%s is %s%s", name, unit.active, f" ({unit.job})" if unit.job else "")
        self._runner.ask_now(name)
        self._weigh()

    def _on_holder(self, holds: bool) -> None:
        self._holder_since = time.monotonic()
        if holds and self._holder_since - self._began < FOUND_SECONDS:
            log.info("the virtual IP is here")  # from before this agent: nothing has moved
        elif holds:
            self._note(TOOK, "; ".join(self._verdict.why))
            self._wakeup.took()
        else:
            self._left_at = self._holder_since
            self._note(DEMOTED if self._verdict.demoted else LOST, "; ".join(self._verdict.why))
            self._wakeup.left()
        self._weigh()

    def _on_heard(self, *, news: bool) -> None:
        if news or self._faults:  # with a fault at hand, what still works at the peer decides
            self._weigh()

    def _note(self, event: str, why: str) -> None:
        log.info("%s: %s", event, why)
        self._history.add(event, why)
        self._start(asyncio.to_thread(self._history.save))

    def _weigh(self) -> None:
        """Judge everything anew, write the weight, and tell the others when something changed."""
        now = time.monotonic()
        before = self._faults, self._verdict
        # first: a fault that a restart may cure is none yet
        self._repairs.begin(now, self._duty(), self._peers.bad_there(now), self._database.in_hands)
        known = {fault.probe for fault in self._faults}
        judged = (self._judge(probe, now, known) for probe in self._runner.probes.values())
        self._faults = tuple(fault for fault in judged if fault)
        if before[0] and not self._faults:
            self._well_since = now
            self._note(WELL, "all vital probes succeed")
        if new := [fault for fault in self._faults if fault.probe not in known]:
            self._note(ILL, "; ".join(f"{fault.probe}: {fault.why}" for fault in new))
        if (word := self._peers.other_word()) and word.holder:
            self._yielded_at = NEVER  # it has taken what we let go of
        guard = self._guard.view()
        self._follow_guard(now)
        self._verdict = weigh(self._situation(now))
        if self._verdict.yields and not before[1].yields:
            self._yielded_at = now
        self._write_weight(now)
        if self._wakeup.waits:
            self._start(self._wakeup.wake(gate_open=self._guard.is_open))
        if guard != self._guard.view():
            self._links.push()
        if before != (self._faults, self._verdict):
            log.info("weight %d: %s", self._verdict.weight, "; ".join(self._verdict.why))
            self._links.push()
            if self._faults:
                self._links.ask()  # what still works there decides

    def _follow_guard(self, now: float) -> None:
        """Have the guard decide who may write, and do its part."""
        if self._settings.is_mail:
            self._handover.follow(peer_gives=self._peers.other_does("gives"))
        if self._guard.ready:
            holds, lost = self._holder.holds, any(fault.majority_lost for fault in self._faults)
            since = self._holder_since if holds else math.inf
            self._guard.decide(now, self._peers.words(), holder=holds, holder_since=since, majority_lost=lost,
                               other_open=self._peers.other_is_open())

    def _judge(self, probe: Probe, now: float, known: Collection[str]) -> Fault | None:
        name = name_of(probe)
        unit, last = self._repairs.unit(probe), self._repairs.last(probe)
        return judge(probe, self._runner.standings[name], unit, last, now, known=name in known)

    def _situation(self, now: float) -> Situation:
        return Situation(
            now=now,
            seen=self._seen(),
            holder=self._holder.holds,
            began=self._began,
            faults=self._faults,
            peer=self._peers.other_word(),
            alone=self._guard.cuts_other,
            preferred=self._settings.preferred,
            failback=self._settings.failback,
            demotions=self._history.demotions(now),
            well_since=self._well_since,
            left_at=self._left_at,
            yielded_at=self._yielded_at,
            forbidden=self._guard.orders.yields,
            behind=self._planned.why(gives=self._handover.gives, lets_go=self._handover.lets_go),
        )

    def _seen(self) -> bool:
        standings = self._runner.standings
        return all(standings[name].good is not None for name, probe in self._runner.probes.items() if probe.vital)

    def _write_weight(self, now: float) -> None:
        if not self._settings.is_mail:
            return
        reloaded = not self._seen() and now - self._began < FIRST_ROUND_SECONDS and self._weight.read() is not None
        if not reloaded:
            self._weight.write(self._verdict.weight)

    def _duty(self) -> Duty:
        holds = self._holder.holds
        left_at = NEVER if holds or not self._guard.orders.storage else self._left_at
        return Duty(holds, relieved=not self._refusal(time.monotonic()), left_at=left_at)

    def _refusal(self, now: float) -> str:
        """Return why the other mail node can't take the virtual IP now, "" when it can."""
        cut = "the other mail node is cut off from the storage" if self._guard.cuts_other else ""
        return cut or refusal(self._peers.other_word(), now)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("%s", error)
