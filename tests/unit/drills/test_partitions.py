"""The drill of partitions: which cuts there are, what is cut, and when two gates count as open at once."""

from __future__ import annotations

import ast
import json
from dataclasses import replace

import pytest

from relevo.drills import gates
from relevo.drills.events import Story
from relevo.drills.gates import Look
from relevo.drills.ledger import Ledger
from relevo.drills.promises import agents, lossless, partitions
from relevo.drills.result import Verdict
from relevo.drills.runner import run_one
from relevo.drills.vocabulary import World
from tests.unit.drills.conftest import MemoryPlatform


def test_every_connection_is_cut_in_every_way() -> None:
    cuts = dict(partitions.cuts())
    assert len(cuts) == 3 * 3 + 3 * 3
    ways = {frozenset((sender.title, receiver.title) for sender, receiver in pairs) for pairs in cuts.values()}
    assert len(ways) == len(cuts)
    assert {len(way) for way in ways} == {1, 2, 4}
    assert all(sender != receiver for way in ways for sender, receiver in way)


def test_a_cut_drops_what_it_says_and_is_mended(world: World, platform: MemoryPlatform) -> None:
    pairs = dict(partitions.cuts())["nothing of the standby reaches the others"]
    partitions.cut(world, pairs)
    assert [line for line in platform.asked if "BLOCK" in line] == ["mail02: BLOCK mail01", "mail02: BLOCK storage01"]
    platform.asked.clear()
    world.restore()
    assert platform.asked == ["mail02: UNBLOCK storage01", "mail02: UNBLOCK mail01"]


def test_real_machines_are_not_cut(world: World, platform: MemoryPlatform) -> None:
    platform.in_lab = False
    assert run_one(world, partitions.DRILL, lambda *_: None).verdict is Verdict.NOT_RUN


def looks(*states: tuple[float, bool]) -> list[Look]:
    return [Look(at, at + 0.05, agent=state, kernel=False) for at, state in states]


OPEN_TILL_2 = looks((0, True), (1, True), (2, True), (2.2, False), (3, False))


@pytest.mark.parametrize(
    ("other", "seconds"),
    [
        (looks((0, False), (2.1, False), (2.2, True), (3, True)), 0),
        (looks((0, False), (1.2, True), (1.8, True), (3, False)), 0.55),
        (looks((0, False), (1.2, True), (1.4, False)), 0),  # one look alone says nothing of how long
        (looks((0.5, True), (1.9, True)), 0),  # nobody looked between them
        ([], 0),
    ],
)
def test_gates_that_are_open_at_once(other: list[Look], seconds: float) -> None:
    assert gates.both_open(OPEN_TILL_2, other) == pytest.approx(seconds)
    assert gates.both_open(other, OPEN_TILL_2) == pytest.approx(seconds)


def test_a_gate_that_is_open_because_the_other_node_is_cut_off_is_no_second_one() -> None:
    cut_off = looks((0, True), (0.5, True), (1, True), (1.5, False))
    opened = looks((0, False), (0.4, True), (0.9, True), (1.4, True))
    fencing = [replace(look, fences=True) for look in opened]
    assert gates.both_open(cut_off, opened) > 0.4
    assert gates.both_open(cut_off, fencing) == 0
    assert gates.both_open([replace(look, fences=True) for look in cut_off], fencing) > 0.4


def test_what_the_script_says_is_read_and_a_torn_line_left_out() -> None:
    said = "\n".join(json.dumps([n, n + 0.1, False, True, False]) for n in range(3)) + "\n[3, 3."
    assert gates.read(said) == [Look(n, n + 0.1, agent=False, kernel=True) for n in range(3)]
    assert gates.read(said)[0].open


def test_the_script_is_python() -> None:
    ast.parse(gates._LOOK)  # noqa: SLF001 - it runs on the machines only


def test_gates_that_nobody_looked_at_prove_nothing(world: World) -> None:
    story = Story(lossless.EVENTS[0], world.active, Ledger(), {}, 0.0)
    gates.Gates(world).judge(world, story)
    both, holder = world.recorder.checks
    assert both.verdict is Verdict.FAILED
    assert holder.verdict is Verdict.PASSED


def test_both_agents_are_silenced_and_let_start_again(world: World, platform: MemoryPlatform) -> None:
    agents.silence(world.mail_nodes)
    assert sorted(line[:6] for line in platform.asked if "ExecStartPre" in line) == ["mail01", "mail02"]
    platform.asked.clear()
    assert not world.restore()
    assert sorted(line[:6] for line in platform.asked if "relevo-drill.conf" in line) == ["mail01", "mail02"]
