"""The drill of failing services: what it does to which unit, and what it says of it."""

from __future__ import annotations

from relevo.drills import events
from relevo.drills.ledger import Ledger
from relevo.drills.limits import aim
from relevo.drills.promises import services
from relevo.drills.result import Verdict
from relevo.drills.vocabulary import World
from tests.unit.drills.conftest import MemoryPlatform


def test_every_unit_fails_in_every_way(world: World, platform: MemoryPlatform) -> None:
    platform.says["php*-fpm"] = "php8.4-fpm.service loaded active running The PHP 8.4 FastCGI Process Manager\n"
    units = services.units(world)
    assert "php8.4-fpm" in units
    made = list(services.events(units))
    assert len(made) == len({event.title for event in made}) == 3 * 9
    assert {event.gap_within for event in made} == {aim(1.0), aim(2.0)}


def test_what_is_done_and_how_it_is_told(world: World, platform: MemoryPlatform) -> None:
    event = services.event("dovecot", services.KINDS[1])
    victim = event.victim(world)
    event.strike(victim)
    assert platform.asked[-1] == "mail01: HANG dovecot"
    story = events.Story(event, victim, Ledger(), {}, 0.0)
    assert "the processes of dovecot on mail01 are frozen" in story.scene.tried


def test_who_was_killed_must_run_again_by_itself(world: World, platform: MemoryPlatform) -> None:
    event = services.event("nginx", services.KINDS[0])
    story = events.Story(event, event.victim(world), Ledger(), {}, 0.0)
    for broken, verdict in (([], Verdict.PASSED), (["mail01: systemctl is-active"], Verdict.FAILED)):
        platform.broken = broken
        with services.CameBack(world, "nginx") as witness:
            pass
        platform.broken = []  # what is mended later is too late
        witness.judge(world, story)
        assert world.recorder.checks[-1].verdict is verdict
