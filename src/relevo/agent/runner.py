"""Runs the probes: each in its own rhythm and its own thread, so that one that hangs holds up nobody."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from relevo.agent.activity import Activity, activity
from relevo.agent.faults import name_of
from relevo.agent.pace import paced
from relevo.agent.patience import Patience, ProcessorPressure
from relevo.agent.probe import Deadline, Figures, MajorityLost, NoAnswer, NoRoom, Probe, ProbeFailed, StandsStill
from relevo.agent.standing import Outcome, Standing, advance

DOUBT_SECONDS = paced(0.1)  # how soon a probe is asked again when its last outcome was a surprise
BAD_SECONDS = paced(0.5)  # how often one that is bad is asked: its return should be seen soon
_TOO_LATE = "no answer in time"
HURRY_SECONDS = paced(3.0)  # how long one that is bad is asked that often after its unit changed
GRACE_SECONDS = paced(0.3)  # on top of a probe's own timeout, for one that waits for a thread or for the processor
LOOK_SECONDS = paced(0.1)  # most have their answer by then; who has not gets a closer look
STILL_SECONDS = paced(0.4)  # nothing in its unit stirs for so long: it hangs, if what it stands on does not
FIRM_SECONDS = paced(0.5)  # what that may take to answer
LATE_SECONDS = paced(0.05)  # a look that comes so much later says nothing: it was us, or the machine, that stood still
ROOM_SECONDS = paced(10.0)  # after a store had no room: who writes to it may be waiting still
_STANDS_STILL = "no answer, and none of its processes stirs"


class Runner:
    """The probes of a node and how each stands."""

    def __init__(self, probes: Sequence[Probe], changed: Callable[[Probe], None]) -> None:
        """Take the probes; `changed(probe)` is called when its standing turned, or its first outcome came."""
        self.probes = {name_of(probe): probe for probe in probes}
        self.standings = {name: Standing() for name in self.probes}
        self._changed = changed
        self._patience = Patience(ProcessorPressure())
        self._now = {name: asyncio.Event() for name in self.probes}
        self._hurry_until = dict.fromkeys(self.probes, 0.0)
        self._unwell_at = dict.fromkeys(self.probes, float("-inf"))  # when one last failed, or was later than usual
        self._no_room_at = dict.fromkeys(self.probes, float("-inf"))
        # A probe has one run under way at most, so this many threads are always enough.
        self._threads = ThreadPoolExecutor(max_workers=max(len(self.probes), 1), thread_name_prefix="probe")

    def ask_now(self, unit: str) -> None:
        """Run all probes of a unit at once, and often for a while: something happens to it."""
        for name, probe in self.probes.items():
            if probe.unit == unit:
                self._hurry_until[name] = time.monotonic() + HURRY_SECONDS
                self._now[name].set()

    async def run(self) -> None:
        """Run all probes for ever."""
        async with asyncio.TaskGroup() as group:
            for name, probe in self.probes.items():
                group.create_task(self._repeat(name, probe))

    async def _repeat(self, name: str, probe: Probe) -> None:
        await asyncio.sleep(random.uniform(0, min(probe.every, 0.3)))  # noqa: S311 - spreads the load, no secret
        while True:
            self._now[name].clear()
            began = time.monotonic()
            running = asyncio.get_running_loop().run_in_executor(self._threads, _run, probe)
            before = await self._look(name, probe, running, began)
            while not await self._finished(running, began + self._limit(name, probe)):
                took = time.monotonic() - began
                late = Outcome(began, ok=False, text=_TOO_LATE, seconds=took, silent=True)
                self._note(name, probe, self._judged(late, probe, before))
                began, before = began + took, activity(probe.unit)
            outcome = running.result()
            if outcome.still and not await self._is_to_blame(probe, activity(probe.unit), began):
                outcome = replace(outcome, still=False)
            self._take(name, probe, self._judged(outcome, probe, before))
            await self._wait(name, probe)

    @staticmethod
    async def _finished(running: asyncio.Future[Outcome], until: float) -> bool:
        """Wait for a run; False when it hangs (its thread can't be ended, and nothing else runs in it)."""
        done, _ = await asyncio.wait({running}, timeout=max(0.0, until - time.monotonic()))
        return bool(done)

    async def _look(
        self, name: str, probe: Probe, running: asyncio.Future[Outcome], began: float,
    ) -> Activity | None:
        """Wait a moment for a run, and note when its service stands still; return what this had done until then."""
        if await self._finished(running, began + LOOK_SECONDS):
            return None
        looked = time.monotonic()
        before, usual = activity(probe.unit), self._patience.usual(name)
        if before is None or usual is None or probe.stands_on is None or probe.patient:
            return before
        due = max(looked + STILL_SECONDS, began + usual)
        if looked > began + LOOK_SECONDS + LATE_SECONDS or await self._finished(running, due):
            return before
        stirs = time.monotonic() > due + LATE_SECONDS or activity(probe.unit) != before
        if not stirs and await self._is_to_blame(probe, before, began) and not running.done():
            took = time.monotonic() - began
            self._note(name, probe, Outcome(began, ok=False, text=_STANDS_STILL, seconds=took, silent=True, still=True))
        return before

    async def _is_to_blame(self, probe: Probe, before: Activity | None, since: float) -> bool:
        """Tell whether a service that stands still does so by itself.

        What it stands on answers, and has done so all the time since its probe began: who waits for another stands
        still as well, until a moment after that one goes on.
        """
        if not await self._is_firm_below(probe, since):
            return False
        await asyncio.sleep(LOOK_SECONDS)
        return activity(probe.unit) == before

    async def _is_firm_below(self, probe: Probe, since: float) -> bool:
        """Tell whether all that a service stands on answers now, and neither failed nor was late since then."""
        asked, services = time.monotonic(), probe.stands_on or ()
        below = [name for name, other in self.probes.items() if other.vital and other.service in services]
        for name in below:
            self._now[name].set()
        while not all(self._answered_since(name, asked) for name in below):
            if time.monotonic() > asked + FIRM_SECONDS:
                return False
            await asyncio.sleep(LOOK_SECONDS / 5)
        return all(self._unwell_at[name] < since for name in below) and not self._lacks_room(probe)

    def _lacks_room(self, probe: Probe) -> bool:
        """Tell whether a probe's service, or one that it stands on, had no room a moment ago."""
        services, since = (probe.service, *(probe.stands_on or ())), time.monotonic() - ROOM_SECONDS
        return any(at > since and self.probes[name].service in services for name, at in self._no_room_at.items())

    def _answered_since(self, name: str, moment: float) -> bool:
        last = self.standings[name].last
        return last is not None and last.ok and last.at + last.seconds > moment

    def _judged(self, outcome: Outcome, probe: Probe, before: Activity | None) -> Outcome:
        """Return a silence as that of a busy service, when it is one.

        Its processes have run since `before`, or it waits for room: the other node has no more of it.
        """
        if outcome.silent and self._lacks_room(probe):
            return replace(outcome, still=False, busy=True)
        now = activity(probe.unit) if before and outcome.silent and not outcome.still else None
        worked = before is not None and now is not None and now.used > before.used
        return replace(outcome, busy=True) if worked and self._patience.is_busy() else outcome

    def _limit(self, name: str, probe: Probe) -> float:
        limit = probe.timeout if probe.patient else self._patience.limit(name, probe.timeout)
        return limit if limit < probe.timeout else probe.timeout + GRACE_SECONDS

    async def _wait(self, name: str, probe: Probe) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause(name, probe)):
                await self._now[name].wait()

    def _pause(self, name: str, probe: Probe) -> float:
        standing = self.standings[name]
        bad = standing.good is False
        if standing.doubted or (bad and time.monotonic() < self._hurry_until[name]):
            return min(DOUBT_SECONDS, probe.every)
        return min(BAD_SECONDS, probe.every) if bad else probe.every

    def _take(self, name: str, probe: Probe, outcome: Outcome) -> None:
        self._note(name, probe, outcome)  # first: what is late is so by what was usual before
        if outcome.ok:
            self._patience.learn(name, outcome.seconds)

    def _note(self, name: str, probe: Probe, outcome: Outcome) -> None:
        before, usual = self.standings[name], self._patience.usual(name)
        if not outcome.ok or (usual is not None and outcome.seconds > usual):
            self._unwell_at[name] = outcome.at + outcome.seconds
        if outcome.no_room:
            self._no_room_at[name] = outcome.at
        self.standings[name] = advance(before, outcome)
        if self.standings[name].good is not before.good:
            self._changed(probe)


def _run(probe: Probe) -> Outcome:
    """Run a probe once, in a thread."""
    began = time.monotonic()
    lost = refused = silent = still = ok = no_room = False
    figures: Figures = {}
    try:
        text, ok = probe.check(Deadline(probe.timeout)), True
        figures, no_room = getattr(text, "figures", {}), isinstance(text, NoRoom)
    except MajorityLost as error:
        text, lost = str(error), True
    except (ProbeFailed, OSError, ssl.SSLError) as error:
        figures = getattr(error, "figures", {})
        text, refused = _say(error), isinstance(error, (ConnectionRefusedError, FileNotFoundError))
        silent, still = isinstance(error, (NoAnswer, TimeoutError)), isinstance(error, StandsStill)
    except Exception as error:  # noqa: BLE001 - a probe with a defect must not end the agent
        text = f"the probe itself failed: {type(error).__name__}: {error}"
    took = time.monotonic() - began
    return Outcome(
        began, ok, str(text), took, refused=refused, silent=silent, still=still, majority_lost=lost, no_room=no_room,
        figures=figures,
    )


def _say(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return _TOO_LATE
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
