"""Carries out what `faults.wants_repair` says: restarts the units of bad probes, and keeps account of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from relevo.agent import gluster
from relevo.agent.faults import FOUNDATIONS, UNKNOWN_UNIT, Duty, Unit, hangs, wants_repair
from relevo.agent.pace import paced
from relevo.agent.probe import Probe
from relevo.agent.runner import Runner
from relevo.agent.standing import Standing
from relevo.agent.units import Units, UnitsUnknown

log = logging.getLogger(__name__)
NEVER = float("-inf")
REST_SECONDS = paced(60.0)  # a mount that lost a copy may find it again by itself
AFTER_SECONDS = paced(5.0)  # what stands on a service may need so long to find itself well after it
REST_AGAIN_SECONDS = 600.0  # a switchover that was of no use is not repeated sooner


class Repairs:
    """The repairs of this node. Lives on the agent's event loop; `start` begins a piece of work there."""

    def __init__(
        self, runner: Runner, units: Units, storage_volume: str, start: Callable[[Coroutine[Any, Any, None]], None],
        is_spared: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take who knows how probes and units are, and the name of the volume that GlusterFS gives.

        `is_spared`: whether the mail can do without this machine's copy for a moment.
        """
        self._runner, self._units, self._volume, self._start = runner, units, storage_volume, start
        self._is_spared = is_spared
        self._at: dict[str, float] = {}
        self._bad_at: dict[str, float] = {}  # when a vital probe of a service was last seen bad
        self._reloaded_at: dict[str, float] = {}

    def unit(self, probe: Probe) -> Unit:
        """Return how the unit of a probe is."""
        return self._units.get(probe.unit) if probe.unit else UNKNOWN_UNIT

    def last(self, probe: Probe) -> float:
        """Return when its unit was last restarted, -inf when never."""
        return self._at.get(probe.unit, NEVER)

    def begin(
        self, now: float, duty: Duty, elsewhere: frozenset[str], in_hands: frozenset[str] = frozenset(),
    ) -> None:
        """Restart the units of bad probes, unless the cause is below them or on both nodes (`elsewhere`: bad there).

        `in_hands`: units that the agent itself has stopped for a while.
        """
        probes, standings = self._runner.probes, self._runner.standings
        bad = {probe.service for name, probe in probes.items() if probe.vital and standings[name].good is False}
        self._bad_at.update(dict.fromkeys(bad, now))
        for name, probe in probes.items():
            may = probe.at_once or (name not in elsewhere and not self._lacks_ground(probe, now))
            may = may and probe.unit not in in_hands and (name != gluster.BRICK or self._is_spared())
            standing, unit = standings[name], self.unit(probe)
            if may and wants_repair(probe, standing, unit, self.last(probe), now, duty=duty):
                self._at[probe.unit] = now
                healer = probe.unit == gluster.UNIT and name != gluster.BRICK
                self._start(self._restart(probe.unit, kill=hangs(standing, unit), healer=healer))
        self._make_forget(now)

    def _make_forget(self, now: float) -> None:
        """Reload the units that remember failures of services which are well again."""
        for probe in self._runner.probes.values():
            if not (services := probe.reload_after):
                continue
            unit, failed_at = self.unit(probe), max(map(self._failed_at, services))
            below = [standing for service in services for standing in self._vital(service)]
            well = all(standing.good and standing.last and standing.last.ok for standing in below)
            due = failed_at > self._reloaded_at.get(probe.unit, NEVER)
            if due and well and unit.active == "active" and not unit.job:
                self._reloaded_at[probe.unit] = now
                self._start(self._reload(probe.unit, services))

    def _failed_at(self, service: str) -> float:
        """Return when a service last failed those who asked it, -inf when never."""
        denied = (standing.denied_at for standing in self._vital(service))
        return max(self._bad_at.get(service, NEVER), *denied, NEVER)

    def _vital(self, service: str) -> list[Standing]:
        probes, standings = self._runner.probes, self._runner.standings
        return [standings[name] for name, probe in probes.items() if probe.vital and probe.service == service]

    def _lacks_ground(self, probe: Probe, now: float) -> bool:
        """Tell whether something that a probe's service stands on is bad, or was a moment ago."""
        if probe.service in FOUNDATIONS:
            return False
        below = FOUNDATIONS if probe.stands_on is None else probe.stands_on
        return any(now - self._bad_at.get(service, NEVER) < AFTER_SECONDS for service in below)

    def waiting_for_rest(self, now: float) -> str:
        """Return a probe that is bad for a while and whose unit is only restarted without the virtual IP, or ""."""
        standings = self._runner.standings
        names = [name for name, probe in self._runner.probes.items() if probe.at_rest]
        bad = (name for name in names if standings[name].good is False and now - standings[name].since > REST_SECONDS)
        return next(bad, "")

    async def _reload(self, unit: str, services: tuple[str, ...]) -> None:
        log.info("reloading %s, which may remember failures of %s", unit, ", ".join(services))
        try:
            await self._units.reload(unit)
        except (UnitsUnknown, OSError) as error:
            log.warning("%s could not be reloaded: %s", unit, error)

    async def _restart(self, unit: str, *, kill: bool, healer: bool) -> None:
        log.warning("restarting %s%s", "the self-heal daemon of " if healer else "", unit)
        try:
            if healer:
                await gluster.renew_healer(self._volume)
                return
            if kill:
                await self._units.kill(unit)
            await self._units.restart(unit)
        except (UnitsUnknown, OSError) as error:  # TimeoutError is one
            log.warning("%s could not be restarted: %s", unit, error)
