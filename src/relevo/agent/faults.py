"""What counts as a fault of this node: pure, from a probe's standing, its unit and the repairs tried.

A restart takes 0.1 to 0.6 s, which is about what moving the virtual IP takes, and it ends nobody's other sessions; of a
service that hangs it takes until its stop is given up. So:

- a unit that an operator stopped is a fault at once, and is never started again by us;
- a unit that died and comes back by itself is no fault for `RESTART_SECONDS`, unless it died before within
  `AGAIN_SECONDS`, or its start failed, or what is left of it does not end (`LEAVING_SECONDS`), or it is known to take
  longer (`Probe.slow_start`);
- a probe that turned bad is no fault for `REPAIR_SECONDS` while our one restart of its unit runs; but what hangs on
  the holder is a fault at once, and restarted when the other node, if there is one to take over, has taken over;
- everything else that is bad is a fault;
- what is a fault stays one until its probe succeeds: whoever starts it anew has not mended it yet, and the other node
  must not hand over to a service that is only about to start.

Times are seconds of the monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from relevo.agent.pace import paced
from relevo.agent.probe import Probe
from relevo.agent.standing import Standing

RESTART_SECONDS = paced(2.0)  # what a unit may take to come back
LEAVING_SECONDS = paced(0.5)  # for what is left of one that died to end; what hangs there takes its whole stop timeout
READY_SECONDS = paced(1.0)  # what it may take from its start until it answers
RELOAD_SECONDS = paced(3.0)  # the same from the end of a reload: it listens, and its processes change over
REPAIR_SECONDS = paced(5.0)  # what our own restart may take, hang of the stop included
AGAIN_SECONDS = paced(60.0)  # a second death within this time is a crash loop
REPAIR_AGAIN_SECONDS = 300.0  # one repair, then the other node's turn
STANDBY_REPAIR_SECONDS = paced(30.0)  # on the standby, or where it is not vital, nobody is disturbed: try more often
CALM_SECONDS = 30.0  # what is under way when the virtual IP goes; a delivery that is ended then is done again
HUNG_STORE_SECONDS = paced(30.0)  # what a mount may need to find its storage again by itself
SETTLED_SECONDS = paced(30.0)  # a unit that started less than this ago may still be getting ready: leave it alone
SIGNAL_SECONDS = paced(0.05)  # a refusal may be seen before systemd's signal says why
STOP_SECONDS = paced(0.3)  # a probe begun this long after the unit went may contradict it

# What the others stand on: they are not restarted to please a probe (a database that lost its peers would lose more),
# and a node without them can't serve at all.
STORE = "storage"
FOUNDATIONS = frozenset({"mariadb", STORE})
_DOWN = frozenset({"inactive", "failed"})
_GOING = frozenset({"activating", "deactivating", "reloading", "refreshing"})


@dataclass(frozen=True)
class Unit:
    """A systemd unit as its signals told it.

    ActiveState, SubState, type of the job on it; since when it is so, whether by a reload, and when it died lately.
    """

    active: str = "unknown"
    sub: str = ""
    job: str = ""
    since: float = 0.0
    deaths: tuple[float, ...] = ()
    reloaded: bool = False

    @property
    def stopped(self) -> bool:
        """Tell whether someone stopped it, or is doing so; a restart is not a stop."""
        return self.job == "stop" or (self.active == "inactive" and not self.job and not self._restarts_itself)

    @property
    def going(self) -> bool:
        """Tell whether it is on its way to somewhere."""
        return not self.stopped and (bool(self.job) or self.active in _GOING or self._restarts_itself)

    @property
    def _restarts_itself(self) -> bool:
        return "auto-restart" in self.sub  # `failed-before-auto-restart` and the like (systemd 254)

    def died(self, now: float) -> int:
        """Return how often it died lately."""
        return sum(now - death < AGAIN_SECONDS for death in self.deaths)


UNKNOWN_UNIT = Unit()


@dataclass(frozen=True)
class Fault:
    """A vital probe that fails for good.

    `local`: the cause is on this node: its unit is down, nobody listens, or it stands still and what it needs does not.
    """

    probe: str
    service: str
    why: str
    since: float
    local: bool
    majority_lost: bool = False
    by_hand: bool = False  # an operator stopped the unit


def after_change(old: Unit, active: str, sub: str, job: str, now: float) -> Unit:
    """Return a unit after a change of its state.

    It died when it left `active` and nobody had asked for that, and when a start of it failed.
    """
    died = old.active in {"active", "reloading"} and active in {"failed", "activating", "deactivating"} and not job
    died |= _was_starting(old) and (active == "failed" or "auto-restart" in sub) and job not in {"stop", "restart"}
    deaths = tuple(at for at in old.deaths if now - at < AGAIN_SECONDS)
    same = (old.active, bool(old.job)) == (active, bool(job))
    reloaded = (old.reloaded if same else old.job == "reload") and active == "active" and not job
    return Unit(active, sub, job, old.since if same else now, (*deaths, now) if died else deaths, reloaded)


def _was_starting(unit: Unit) -> bool:
    return unit.active == "activating" and "auto-restart" not in unit.sub and unit.job != "stop"


def judge(
    probe: Probe, standing: Standing, unit: Unit, repaired_at: float, now: float, *, known: bool = False
) -> Fault | None:
    """Return the fault that a probe stands for, or None.

    Args:
        probe: the probe; one that is not vital has no faults.
        standing: how it stands.
        unit: the unit that it names, `UNKNOWN_UNIT` when it names none or systemd can't be asked.
        repaired_at: when we last restarted that unit, -inf when never.
        now: the monotonic clock.
        known: it is a fault already.
    """
    if not probe.vital:
        return None
    if _is_stopped(standing, unit):
        return Fault(name_of(probe), probe.service, f"{probe.unit} was stopped", unit.since, local=True, by_hand=True)
    if standing.good is not False or (not known and _is_coming_back(probe, standing, unit, repaired_at, now)):
        return None
    last = standing.last
    local = unit.active in _DOWN or bool(last and (last.refused or last.still))
    lost = bool(last and last.majority_lost)
    return Fault(name_of(probe), probe.service, standing.complaint, standing.since, local, majority_lost=lost)


@dataclass(frozen=True)
class Duty:
    """Whether this node has the virtual IP; `relieved`: the other can take it; `left_at`: when it went, if it did."""

    holder: bool
    relieved: bool = False
    left_at: float = float("-inf")


def wants_repair(
    probe: Probe, standing: Standing, unit: Unit, repaired_at: float, now: float, *, duty: Duty,
) -> bool:
    """Tell whether the probe's unit should be restarted now.

    Args:
        probe: the probe.
        standing: how it stands.
        unit: its unit.
        repaired_at: when we last restarted it, -inf when never.
        now: the monotonic clock.
        duty: who serves.
    """
    answers_badly = unit.active == "active" and not (standing.last and standing.last.refused)
    others_turn = probe.vital and duty.relieved and answers_badly  # what is not vital moves nothing: nobody else's turn
    if duty.holder and not probe.at_once and (probe.at_rest or others_turn):
        return False
    if probe.at_rest and now - duty.left_at < CALM_SECONDS:
        return False
    return (
        bool(probe.unit)
        and (probe.service not in FOUNDATIONS or _is_hung_store(probe, standing, now, duty))
        and standing.good is False
        and (unit.active == "failed" or (unit.active == "active" and now - unit.since > SETTLED_SECONDS))
        and not unit.job
        and now - repaired_at > (REPAIR_AGAIN_SECONDS if duty.holder and probe.vital else STANDBY_REPAIR_SECONDS)
    )


def hangs(standing: Standing, unit: Unit) -> bool:
    """Tell whether a unit runs and says nothing: it would not hear a request to end either."""
    return unit.active == "active" and bool(standing.last and standing.last.silent)


def _is_hung_store(probe: Probe, standing: Standing, now: float, duty: Duty) -> bool:
    """Tell whether this node's mount of the mail store should be made anew: nobody uses it, and it stays bad.

    The one that made this node give the virtual IP up is not waited for: a mount that hangs keeps its locks, and with
    them mailboxes from the other node.
    """
    if probe.service != STORE or duty.holder:
        return False
    return standing.since < duty.left_at or now - standing.since > HUNG_STORE_SECONDS


def name_of(probe: Probe) -> str:
    """Return the probe's name in the whole cluster, e.g. `postfix/smtp`."""
    return f"{probe.service}/{probe.name}"


def _is_stopped(standing: Standing, unit: Unit) -> bool:
    last = standing.last
    contradicted = unit.active == "inactive" and last and last.ok and last.at > unit.since + STOP_SECONDS
    return unit.stopped and not contradicted


def _is_coming_back(probe: Probe, standing: Standing, unit: Unit, repaired_at: float, now: float) -> bool:
    if unit.died(now) > (0 if probe.slow_start else 1):
        return False
    if now - repaired_at < REPAIR_SECONDS:
        return True
    if unit.active == "active" and not unit.job:  # systemd calls it so before it listens
        ready = RELOAD_SECONDS if unit.reloaded else READY_SECONDS
        return now - unit.since < ready or now - standing.since < SIGNAL_SECONDS
    leaves = unit.active == "deactivating" and not unit.job
    return unit.going and now - unit.since < (LEAVING_SECONDS if leaves else RESTART_SECONDS)
