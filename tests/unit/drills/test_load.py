"""The drill in which nothing is broken, and nothing may move."""

from __future__ import annotations

import json
import time

import pytest

from relevo.agent.history import ILL, TOOK
from relevo.drills.events import Story
from relevo.drills.ledger import Ledger
from relevo.drills.nodes import Node
from relevo.drills.promises import load
from relevo.drills.result import Verdict
from relevo.drills.vocabulary import World

from .conftest import MemoryPlatform


@pytest.mark.parametrize(("noted", "verdict"), [(ILL, Verdict.PASSED), (TOOK, Verdict.FAILED)])
def test_a_fault_that_moves_nothing_is_told_and_a_move_fails(
    world: World, platform: MemoryPlatform, noted: str, verdict: Verdict
) -> None:
    at = time.time()
    with load.NothingMoves(world) as witness:
        noticed = {"at": at + 0.5, "event": noted, "why": "postfix/smtp: no answer in time"}
        before = {"at": at - 60, "event": TOOK, "why": "an earlier one"}
        platform.says = {"mail01: ": json.dumps([before, noticed])}
    witness.judge(world, Story(load.event(1.0), world.active, Ledger(), {}, time.monotonic()))
    (check,) = world.recorder.checks
    assert check.verdict is verdict
    assert "postfix/smtp" in check.obtained
    assert "earlier" not in check.obtained


def test_the_load_lasts_as_long_as_one_likes_and_ends(world: World, platform: MemoryPlatform) -> None:
    node: Node = world.active
    load.event(2.0).strike(node)
    assert "seq $(nproc)" in platform.asked[-1]
    node.restore()
    assert "systemctl stop relevo-drill-load" in platform.asked[-1]
    assert load.event(2.0).lasts == 120
