from __future__ import annotations

from collections.abc import Callable

import pytest

from relevo.drills.drill import Drill
from relevo.drills.result import Check, Verdict
from relevo.drills.runner import run_drills, run_one
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from tests.unit.drills.conftest import MemoryPlatform


def drill(run: Callable[[World], None]) -> Drill:
    return Drill("mine", "Mine", "promise", run)


def silent(_drill: Drill, _check: Check) -> None:
    """Show nothing."""


def good(world: World) -> None:
    with world.checking("good", tried="t", expected="e") as check:
        check.saw("seen", good=True)


def test_accounts_are_made_before_and_purged_after(world: World, platform: MemoryPlatform) -> None:
    run = run_drills(world, [drill(good)], repeat=2, live=silent)
    assert [result.verdict for result in run.results] == [Verdict.PASSED] * 2
    lines = [line for line in platform.asked if "relevo" in line]
    made = next(number for number, line in enumerate(lines) if "mailbox add drill-a@" in line)
    assert any("mailbox purge --yes drill-tiny@" in line for line in lines[made:])
    assert all(line.startswith("mail01:") for line in lines)


def test_passwords_go_by_standard_input_only(world: World, platform: MemoryPlatform) -> None:
    run_drills(world, [drill(good)], repeat=1, live=silent)
    password = world.accounts.a.password
    assert password + "\n" in platform.given
    assert not any(password in line for line in platform.asked)
    assert password not in repr(world.accounts)


def test_what_was_broken_is_mended_when_a_drill_goes_wrong(world: World, platform: MemoryPlatform) -> None:
    def careless(world: World) -> None:
        world.nodes["mail01"].stop("postfix")
        world.nodes["mail02"].crash()
        raise KeyError("typo")

    result = run_one(world, drill(careless), silent)
    assert result.verdict is Verdict.FAILED
    assert "KeyError" in result.checks[0].obtained
    assert "mail01: systemctl start postfix" in platform.asked
    assert "mail02: BOOT" in platform.asked


def test_interrupted_by_hand_everything_is_mended_too(world: World, platform: MemoryPlatform) -> None:
    def interrupted(world: World) -> None:
        world.nodes["mail01"].stop("nginx")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_drills(world, [drill(interrupted)], repeat=1, live=silent)
    assert "mail01: systemctl start nginx" in platform.asked
    assert any("mailbox purge --yes drill-b@" in line for line in platform.asked[-6:])


def test_what_can_not_be_mended_fails_the_drill(world: World, platform: MemoryPlatform) -> None:
    platform.broken = ["systemctl start dovecot"]

    def breaks(world: World) -> None:
        good(world)
        world.nodes["mail01"].stop("dovecot")

    result = run_one(world, drill(breaks), silent)
    assert result.verdict is Verdict.FAILED
    assert "is broken" in result.checks[-1].obtained


def test_accounts_that_stay_behind_fail_the_run(world: World, platform: MemoryPlatform) -> None:
    platform.broken = ["mailbox purge"]
    run = run_drills(world, [drill(good)], repeat=1, live=silent)
    assert run.results[-1].verdict is Verdict.FAILED


def test_a_drill_without_checks_has_failed(world: World) -> None:
    assert run_one(world, drill(lambda _world: None), silent).verdict is Verdict.FAILED


def test_a_drill_that_can_not_be_tried_here_is_not_run(world: World, platform: MemoryPlatform) -> None:
    platform.in_lab = False
    result = run_one(world, drill(lambda world: world.nodes["mail01"].crash()), silent)
    assert result.verdict is Verdict.NOT_RUN
    assert "mail01: BOOT" not in platform.asked


def test_not_here_is_never_waited_away() -> None:
    from relevo.drills.waiting import eventually  # noqa: PLC0415

    def nowhere() -> bool:
        raise NotHere("only in a lab")

    with pytest.raises(NotHere):
        eventually(nowhere, within=5, what="nothing")
