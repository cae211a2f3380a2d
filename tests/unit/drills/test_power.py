"""The drills of storage that fails and of power cuts of all machines: what they do, and what they say of it."""

from __future__ import annotations

import pytest

from relevo.drills import nights
from relevo.drills.ledger import Attempt, Ledger, Message, State, Way
from relevo.drills.promises import power, shutdown, storage
from relevo.drills.result import Verdict
from relevo.drills.runner import run_one
from relevo.drills.vocabulary import World
from tests.unit.drills.conftest import MemoryPlatform

NIGHT = nights.Night(100.0, (112.0, 130.0, 148.0), 130.0)


def test_each_machine_is_the_first_once(world: World) -> None:
    orders = power.orders(world)
    assert [order[0].name for order in orders] == ["mail01", "storage01", "mail02"]
    assert all({node.name for node in order} == set(world.nodes) for order in orders)


class Clock:
    """A stream that only waits."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def run_on(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_all_go_off_at_once_and_on_in_order(world: World, platform: MemoryPlatform) -> None:
    clock = Clock()
    night = nights.play(clock, power.night(world, power.orders(world)[1]))  # type: ignore[arg-type]
    assert sorted(platform.asked[:3]) == ["mail01: CRASH", "mail02: CRASH", "storage01: CRASH"]
    assert platform.asked[3:] == ["storage01: BOOT", "mail01: BOOT", "mail02: BOOT"]
    assert clock.waits == [10, 15, 15]
    assert list(night.on) == sorted(night.on)
    assert night.counted == night.on[1]
    assert not any(node.off for node in world.nodes.values())


def test_machines_are_shut_down_in_order_and_one_may_stay_away(world: World, platform: MemoryPlatform) -> None:
    everything, both, away = shutdown.nights(world)
    nights.play(Clock(), everything)  # type: ignore[arg-type]
    assert sorted(platform.asked[:3]) == ["mail01: SHUT DOWN", "mail02: SHUT DOWN", "storage01: SHUT DOWN"]
    assert platform.asked[3:] == ["storage01: BOOT", "mail01: BOOT", "mail02: BOOT"]
    platform.asked.clear()
    nights.play(Clock(), both)  # type: ignore[arg-type]
    assert not any("storage01" in line for line in platform.asked)
    platform.asked.clear()
    night = nights.play(Clock(), away)  # type: ignore[arg-type]
    assert platform.asked[3:] == ["mail01: BOOT", "mail02: BOOT"]
    assert night.counted == night.on[1]
    assert [node.name for node in away.late] == ["storage01"]
    assert [node.name for node in world.nodes.values() if node.off] == ["storage01"]


@pytest.mark.parametrize(("status", "words"), [
    ("wsrep_cluster_status\tnon-Primary\n", "`relevo recover database` would be needed: mail01:"),
    ("wsrep_cluster_status\tPrimary\n", "something else is missing: mail01:"),
])
def test_what_is_missing_is_said(world: World, platform: MemoryPlatform, status: str, words: str) -> None:
    platform.says = {"wsrep_cluster_status'": status, "is-active": "active\nactivating\n"}
    assert words in nights.what_is_missing(world)


def test_a_database_that_does_not_answer_is_told_by_its_unit(world: World, platform: MemoryPlatform) -> None:
    platform.says = {"is-active": "active\nactivating\n"}
    platform.broken = ["wsrep"]
    assert "mail02: relevo-storage.service active, mariadb activating" in nights.what_is_missing(world)


def told(world: World, *accepted_at: float) -> dict[str, Verdict]:
    ledger = Ledger()
    for at in accepted_at:
        number = ledger.number()
        ledger.add(Message(number, f"t{number}", "a@example.org", Way.SMTP, at - 1))
        ledger.note(number, Attempt(at - 0.5, at, State.ACCEPTED, "250 ok"))
    dark = power.night(world, power.orders(world)[0])
    scene = nights.scene_of(dark, ledger, {f"t{len(accepted_at)}": accepted_at[-1] + 1}, NIGHT)
    nights.tell(world, dark, scene, NIGHT, "")
    return {check.name: check.verdict for check in world.recorder.checks}


def test_times_count_from_the_second_machine_on(world: World) -> None:
    assert set(told(world, 99.0, 150.0).values()) == {Verdict.PASSED}
    accepted = next(check for check in world.recorder.checks if "accepted" in check.name)
    assert accepted.figure
    assert accepted.figure.value == 20
    assert "the last machine was on after 18.00 s" in accepted.obtained


def test_who_never_serves_again_has_failed(world: World) -> None:
    assert set(told(world, 99.0).values()) == {Verdict.FAILED}


def test_the_storage_fails_in_five_ways_and_is_mended(world: World, platform: MemoryPlatform) -> None:
    for event in storage.events(world):
        event.strike(event.victim(world))
    done = [line for line in platform.asked if "address show" not in line]
    assert done[0] == "mail01: HANG relevo-storage.service"
    assert "pkill -STOP -x glusterfsd" in done[1]
    hidden = done.pop(3)
    assert hidden.startswith("mail01: ")
    assert hidden.endswith(" /srv/relevo/brick mail")
    assert done[2:] == [f"{name}: FILL /srv/relevo/brick" for name in ("mail01", "mail01", "mail02")]
    assert not world.restore()
    assert "mail02: EMPTY /srv/relevo/brick" in platform.asked


def test_real_machines_keep_their_power(world: World, platform: MemoryPlatform) -> None:
    platform.in_lab = False
    assert run_one(world, power.DRILL, lambda *_: None).verdict is Verdict.NOT_RUN
    assert run_one(world, shutdown.DRILL, lambda *_: None).verdict is Verdict.NOT_RUN
    assert not any("CRASH" in line or "SHUT" in line for line in platform.asked)
