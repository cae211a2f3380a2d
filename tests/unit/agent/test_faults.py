"""What counts as a fault of a node, and what is repaired."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relevo.agent.faults import (
    CALM_SECONDS,
    HUNG_STORE_SECONDS,
    LEAVING_SECONDS,
    READY_SECONDS,
    RELOAD_SECONDS,
    REPAIR_AGAIN_SECONDS,
    REPAIR_SECONDS,
    RESTART_SECONDS,
    SETTLED_SECONDS,
    STORE,
    UNKNOWN_UNIT,
    Duty,
    Unit,
    after_change,
    hangs,
    judge,
    wants_repair,
)
from relevo.agent.probe import Probe
from relevo.agent.standing import Outcome, Standing

NEVER = float("-inf")
NOW = 1000.0
SMTP = Probe("smtp", "postfix", lambda _: "", unit="postfix.service")
GOOD = Standing(good=True, since=1, last=Outcome(NOW - 0.1, ok=True, text=""), last_success=NOW - 0.1)
SILENCE = Outcome(NOW - 1, ok=False, text="silence", silent=True)
HANGS = Standing(good=False, since=NOW - 2, last=SILENCE, complaint="silence")
REFUSED = Standing(good=False, since=NOW - 2, last=Outcome(NOW - 1, ok=False, text="no", refused=True), complaint="no")
RUNS = Unit("active", "running", since=NOW - 500)


def fault(standing: Standing, unit: Unit, repaired_at: float = NEVER, probe: Probe = SMTP):
    return judge(probe, standing, unit, repaired_at, NOW)


def test_all_well_is_no_fault():
    assert fault(GOOD, RUNS) is None
    assert fault(Standing(), UNKNOWN_UNIT) is None


def test_a_probe_that_is_not_vital_is_no_fault():
    assert fault(REFUSED, RUNS, probe=Probe("x", "y", lambda _: "", vital=False)) is None


@pytest.mark.parametrize(("unit", "repaired_at"), [
    (Unit("inactive", "dead", "start", since=NOW), NEVER),  # it was stopped, and is let start again
    (Unit("activating", "start", "start", since=NOW), NEVER),
    (Unit("active", "running", since=NOW - 0.1), NEVER),
    (RUNS, NOW - 0.1),  # our own restart of it has just begun
])
def test_what_is_a_fault_stays_one_until_it_answers(unit: Unit, repaired_at: float):
    assert judge(SMTP, REFUSED, unit, repaired_at, NOW) is None, "else this shows nothing"
    assert judge(SMTP, REFUSED, unit, repaired_at, NOW, known=True)
    assert judge(SMTP, GOOD, unit, repaired_at, NOW, known=True) is None


@pytest.mark.parametrize(
    "unit",
    [
        Unit("active", "running", "stop", since=NOW),
        Unit("deactivating", "stop-sigterm", "stop", since=NOW),
        Unit("inactive", "dead", "stop", since=NOW),
        Unit("inactive", "dead", since=NOW - 0.001),
    ],
)
def test_a_stop_by_hand_is_a_fault_before_any_probe_has_noticed(unit: Unit):
    found = fault(GOOD, unit)
    assert found
    assert found.by_hand
    assert found.local
    assert not wants_repair(SMTP, REFUSED, unit, NEVER, NOW, duty=Duty(holder=True))


@pytest.mark.parametrize(
    "unit",
    [
        Unit("active", "running", "restart", since=NOW),
        Unit("deactivating", "stop-sigterm", "restart", since=NOW),
        Unit("inactive", "dead", "restart", since=NOW),
        Unit("inactive", "dead", "done", since=NOW),  # its job ended while we asked for it
        Unit("inactive", "dead-before-auto-restart", since=NOW),
        Unit("failed", "failed-before-auto-restart", since=NOW),
        Unit("activating", "auto-restart", since=NOW),
        Unit("activating", "start", "start", since=NOW),
        Unit("active", "running", since=NOW),
    ],
)
def test_a_unit_on_its_way_back_is_no_fault_for_a_while(unit: Unit):
    assert fault(REFUSED, unit) is None
    late = Unit(unit.active, unit.sub, unit.job, since=NOW - max(RESTART_SECONDS, READY_SECONDS) - 0.1)
    assert fault(REFUSED, late)


def test_what_is_left_of_a_dead_one_is_not_waited_for_as_long_as_a_start():
    leaves = Unit("deactivating", "stop-sigterm", since=NOW - LEAVING_SECONDS + 0.1, deaths=(NOW - 1,))
    assert fault(REFUSED, leaves) is None
    assert fault(REFUSED, replace(leaves, since=NOW - LEAVING_SECONDS - 0.1))
    assert fault(REFUSED, replace(leaves, since=NOW - LEAVING_SECONDS - 0.1, job="restart")) is None, "by hand"


def test_a_reload_is_waited_for_longer_than_a_start():
    def after(*jobs: str, ago: float) -> Unit:
        unit = RUNS
        for job in (*jobs, ""):
            unit = after_change(unit, "active", "running", job, NOW - ago)
        return after_change(unit, "active", "running", "", NOW)  # said once more

    between = (READY_SECONDS + RELOAD_SECONDS) / 2
    assert fault(HANGS, after("reload", ago=between)) is None
    assert fault(HANGS, after("reload", ago=RELOAD_SECONDS + 0.1))
    assert fault(HANGS, after("restart", ago=between))
    assert fault(HANGS, after("reload", "restart", ago=between))


def test_a_refusal_waits_for_systemds_word():
    just = Standing(good=False, since=NOW - 0.001, last=Outcome(NOW, ok=False, text="no", refused=True))
    assert fault(just, RUNS) is None


def test_the_second_death_in_a_minute_is_a_fault_at_once():
    unit = Unit("activating", "auto-restart", since=NOW, deaths=(NOW - 30, NOW))
    assert fault(REFUSED, unit)
    assert fault(REFUSED, unit, repaired_at=NOW - 0.1)
    old = Unit("activating", "auto-restart", since=NOW, deaths=(NOW - 61, NOW))
    assert fault(REFUSED, old) is None


def test_a_hang_is_repaired_first_and_a_fault_when_that_did_not_help():
    assert wants_repair(SMTP, HANGS, RUNS, NEVER, NOW, duty=Duty(holder=True))
    relieved = Duty(holder=True, relieved=True)
    assert not wants_repair(SMTP, HANGS, RUNS, NEVER, NOW, duty=relieved), "the other node first"
    assert wants_repair(SMTP, HANGS, RUNS, NEVER, NOW, duty=Duty(holder=False, relieved=True))
    assert fault(HANGS, RUNS, repaired_at=NOW - REPAIR_SECONDS + 0.1) is None
    assert fault(HANGS, RUNS, repaired_at=NOW - REPAIR_SECONDS - 0.1)
    again = NOW - REPAIR_AGAIN_SECONDS + 1
    assert not wants_repair(SMTP, HANGS, RUNS, again, NOW, duty=Duty(holder=True))
    assert wants_repair(SMTP, HANGS, RUNS, again, NOW, duty=Duty(holder=False))  # on the standby nobody is disturbed


def test_what_is_not_repaired():
    young = Unit("active", "running", since=NOW - SETTLED_SECONDS + 1)
    assert not wants_repair(SMTP, HANGS, young, NEVER, NOW, duty=Duty(holder=True))
    assert not wants_repair(SMTP, GOOD, RUNS, NEVER, NOW, duty=Duty(holder=True))
    restarting = Unit("active", "running", "restart", since=NOW - 500)
    assert not wants_repair(SMTP, HANGS, restarting, NEVER, NOW, duty=Duty(holder=True))
    nobodys = Probe("x", "postfix", lambda _: "")
    assert not wants_repair(nobodys, HANGS, UNKNOWN_UNIT, NEVER, NOW, duty=Duty(holder=True))
    database = Probe("database", "mariadb", lambda _: "", unit="mariadb.service")
    assert not wants_repair(database, HANGS, RUNS, NEVER, NOW, duty=Duty(holder=True))


def test_a_failed_unit_is_repaired_at_once():
    assert wants_repair(SMTP, REFUSED, Unit("failed", "failed", since=NOW), NEVER, NOW, duty=Duty(holder=True))


def test_a_probe_that_goes_on_answering_contradicts_a_unit_that_seems_down():
    lies = Unit("inactive", "dead", since=NOW - 10)
    assert fault(GOOD, lies) is None


def test_locality_is_known_from_the_unit_or_a_refusal():
    assert fault(REFUSED, RUNS).local
    assert fault(HANGS, Unit("failed", "failed", since=NOW)).local
    assert not fault(HANGS, RUNS).local


def test_only_a_death_nobody_asked_for_counts_as_one():
    died = after_change(RUNS, "failed", "failed", "", NOW)
    assert died.deaths == (NOW,)
    assert after_change(died, "activating", "auto-restart", "", NOW + 1).deaths == (NOW,)
    assert after_change(RUNS, "deactivating", "stop-sigterm", "stop", NOW).deaths == ()
    assert after_change(RUNS, "deactivating", "stop-sigterm", "restart", NOW).deaths == ()
    assert after_change(RUNS, "active", "running", "", NOW).since == RUNS.since


def test_a_start_that_fails_counts_as_a_death():
    """What systemd tells of a unit that is killed, and of which each start fails (Postfix on Debian 13)."""
    unit, states = RUNS, (
        ("failed", "failed", ""), ("inactive", "dead", "start"), ("activating", "start-pre", "start"),
        ("failed", "failed", ""), ("activating", "auto-restart", ""),
    )
    counts = []
    for step, (active, sub, job) in enumerate(states):
        unit = after_change(unit, active, sub, job, NOW + step / 10)
        counts.append(len(unit.deaths))
    assert counts == [1, 1, 1, 2, 2]
    assert unit.died(NOW + 1) == 2
    assert fault(REFUSED, unit, repaired_at=NOW) is not None, "our own restart is not waited for any longer"
    starting = Unit("activating", "start", "start", NOW)
    assert after_change(starting, "activating", "auto-restart", "", NOW + 1).deaths == (NOW + 1,)
    assert after_change(starting, "active", "running", "", NOW + 1).deaths == ()
    assert after_change(starting, "failed", "failed", "stop", NOW + 1).deaths == ()
    assert after_change(Unit("activating", "auto-restart"), "activating", "start-pre", "start", NOW).deaths == ()


def test_a_service_that_starts_slowly_is_not_waited_for_once_it_has_died():
    filters = replace(SMTP, slow_start=True)
    starting = Unit("activating", "start", since=NOW - 0.1, deaths=(NOW - 0.3,))
    assert fault(REFUSED, starting) is None
    assert fault(REFUSED, starting, probe=filters) is not None
    assert fault(REFUSED, replace(starting, deaths=()), probe=filters) is None, "an operator restarts it"
    assert fault(GOOD, starting, probe=filters) is None


def test_a_hung_mail_store_is_mounted_anew_where_nobody_uses_it_and_nowhere_else():
    store = Probe("mail store", STORE, lambda _: "", unit="relevo-storage.service")
    hung = replace(HANGS, since=NOW - HUNG_STORE_SECONDS - 1)
    assert wants_repair(store, hung, RUNS, NEVER, NOW, duty=Duty(holder=False))
    assert not wants_repair(store, hung, RUNS, NEVER, NOW, duty=Duty(holder=True))
    assert not wants_repair(store, HANGS, RUNS, NEVER, NOW, duty=Duty(holder=False))
    assert not wants_repair(store, HANGS, RUNS, NEVER, NOW, duty=Duty(holder=False, left_at=HANGS.since - 1))
    gave_up = Duty(holder=False, left_at=HANGS.since + 1)
    assert wants_repair(store, HANGS, RUNS, NEVER, NOW, duty=gave_up), "it keeps its locks until it ends"
    database = Probe("database", "mariadb", lambda _: "", unit="mariadb.service")
    assert not wants_repair(database, HANGS, RUNS, NEVER, NOW, duty=gave_up)
    assert not wants_repair(database, hung, RUNS, NEVER, NOW, duty=Duty(holder=False))


def test_what_is_not_vital_is_repaired_on_the_holder_for_nobody_takes_over_because_of_it():
    healer = Probe("healer", "glusterfs", lambda _: "", unit="glusterd.service", vital=False)
    holds = Duty(holder=True, relieved=True)
    assert wants_repair(healer, HANGS, RUNS, NEVER, NOW, duty=holds)
    assert not wants_repair(healer, HANGS, RUNS, NOW - 20, NOW, duty=holds)
    assert wants_repair(healer, HANGS, RUNS, NOW - 40, NOW, duty=holds)
    assert not wants_repair(replace(healer, vital=True), HANGS, RUNS, NEVER, NOW, duty=holds)
    assert not wants_repair(replace(healer, at_rest=True), HANGS, RUNS, NEVER, NOW, duty=holds)


def test_what_is_mended_at_rest_waits_for_deliveries_that_are_under_way():
    healer = Probe("mount", "glusterfs", lambda _: "", unit="relevo-storage.service", vital=False, at_rest=True)
    just_left = Duty(holder=False, left_at=NOW - CALM_SECONDS + 1)
    assert not wants_repair(healer, HANGS, RUNS, NEVER, NOW, duty=just_left)
    assert wants_repair(healer, HANGS, RUNS, NEVER, NOW, duty=replace(just_left, left_at=NOW - CALM_SECONDS - 1))
    assert wants_repair(healer, HANGS, RUNS, NEVER, NOW, duty=Duty(holder=False))


def test_what_moves_the_virtual_ip_is_repaired_at_once():
    mover = Probe("vrrp", "keepalived", lambda _: "", unit="keepalived.service", at_once=True)
    assert wants_repair(mover, HANGS, RUNS, NEVER, NOW, duty=Duty(holder=True, relieved=True))


def test_only_what_runs_and_does_not_answer_hangs():
    assert hangs(HANGS, RUNS)
    assert not hangs(REFUSED, RUNS)
    assert not hangs(replace(HANGS, last=Outcome(NOW - 1, ok=False, text="450 later")), RUNS)
    assert not hangs(HANGS, Unit("failed", "failed", since=NOW))
