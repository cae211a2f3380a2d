"""The orders of the three agents, each by itself and together in a world that breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relevo.agent.ownership import RIVAL_SECONDS, Given, Word, orders
from tests.unit.agent.ownership_world import A, B, S, World

NOW = 1000.0
FRESH = NOW - 0.1
STALE = NOW - 2.0


def given(node: str = A, **changes: object) -> Given:
    """A mail node that has the virtual IP and has cut nobody off."""
    base = Given(
        now=NOW, began=0.0, node=node, other=B if node == A else A, storage=S, known=frozenset({A, B, S}),
        words={B: Word(FRESH), S: Word(FRESH)}, holder=True, holder_since=NOW - 1, claim="mine",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def at_storage(**changes: object) -> Given:
    base = Given(now=NOW, began=0.0, node=S, other="", storage="", words={A: Word(FRESH), B: Word(FRESH)})
    return replace(base, **changes)  # type: ignore[arg-type]


def test_the_gate_opens_when_the_other_has_closed_its_own():
    assert orders(given(words={B: Word(FRESH, concedes="mine"), S: Word(FRESH)})).open
    said = orders(given(words={B: Word(FRESH, concedes="an earlier one"), S: Word(FRESH)}))
    assert not said.open
    assert "has not closed its gate" in said.why


def test_a_silent_other_is_cut_off_by_the_storage_first():
    said = orders(given(words={B: Word(STALE), S: Word(FRESH)}))
    assert (said.open, said.cut, said.asks) == (False, frozenset(), B)
    said = orders(given(words={B: Word(STALE), S: Word(FRESH, cut=frozenset({B}))}))
    assert (said.open, said.cut, said.asks) == (False, {B}, B)
    said = orders(given(words={B: Word(STALE), S: Word(FRESH, cut=frozenset({B}))}, cut=frozenset({B})))
    assert (said.open, said.adopt) == (True, True)


def test_who_has_not_the_address_concedes_the_claim_of_who_has():
    words = {B: Word(FRESH, holder=True, claim="theirs"), S: Word(FRESH)}
    assert orders(given(words=words, holder=False, claim="")).concedes == "theirs"
    assert orders(given(words=words, holder=False, claim="", open=True)).concedes == ""
    assert orders(given(words=words)).concedes == ""


def test_a_machine_that_was_never_there_is_not_waited_for():
    said = orders(given(words={S: Word(FRESH)}, known=frozenset({S})))
    assert (said.open, said.asks) == (True, "")


def test_nobody_waits_for_the_storage_of_a_machine_that_nobody_hears():
    assert orders(given(words={B: Word(FRESH), S: Word(STALE)})).gone == {S}
    assert orders(given(words={B: Word(FRESH, relayed={S: Word(FRESH)}), S: Word(STALE)})).gone == frozenset()
    assert orders(given(words={B: Word(STALE), S: Word(STALE)})).gone == frozenset()
    assert orders(at_storage(words={A: Word(FRESH), B: Word(STALE)})).gone == {B}
    ended = Word(STALE, lives=True)  # the agent hangs or was restarted: its machine lives, its storage is in use
    assert orders(at_storage(words={A: Word(FRESH), B: ended})).gone == frozenset()


def test_a_short_silence_of_the_standby_changes_nothing():
    said = orders(given(words={B: Word(STALE), S: Word(FRESH)}, open=True, granted="mine"))
    assert (said.open, said.asks) == (True, "")
    said = orders(given(words={B: Word(NOW - 6), S: Word(FRESH)}, open=True, granted="mine"))
    assert (said.open, said.asks) == (True, B)


def test_who_hears_nobody_closes_its_gate():
    assert not orders(given(words={B: Word(STALE), S: Word(STALE)}, open=True)).open


def test_a_new_agent_leaves_the_gate_as_it_is():
    assert orders(given(words={}, open=True, began=NOW - 1)).open
    assert not orders(given(words={}, open=True, began=NOW - 3)).open


def test_who_is_cut_off_leaves_and_says_when_it_is_clean():
    words = {B: Word(FRESH, cut=frozenset({A})), S: Word(FRESH, cut=frozenset({A}))}
    said = orders(given(words=words, open=True))
    assert (said.open, said.storage, said.clean, said.is_cut) == (False, False, False, True)
    assert f"cut off from the storage by {B} and {S}" in said.yields
    assert orders(given(words=words, storage_up=False)).clean


def test_once_cut_off_it_takes_the_storage_machines_word_to_come_back():
    later = given(words={B: Word(FRESH), S: Word(STALE)}, was_cut=True, storage_up=False)
    assert not orders(later).storage
    assert orders(replace(later, words={B: Word(STALE), S: Word(FRESH)})).storage


def test_who_is_clean_is_let_back_after_its_queue_has_been_handed_back():
    words = {B: Word(FRESH, clean=True), S: Word(FRESH, cut=frozenset({B}))}
    said = orders(given(words=words, cut=frozenset({B}), adopting=True))
    assert (said.adopt, said.cut) == (False, {B})
    assert orders(given(words=words, cut=frozenset({B}), adopting=False)).cut == frozenset()
    at_last = at_storage(words={A: Word(FRESH), B: Word(FRESH, clean=True)}, cut=frozenset({B}))
    assert orders(at_last).cut == frozenset()
    assert orders(replace(at_last, words={A: Word(FRESH, cut=frozenset({B})), B: at_last.words[B]})).cut == {B}


def test_of_two_holders_the_older_one_stays():
    mine = given(words={B: Word(FRESH, holder=True, holder_since=NOW - 50), S: Word(FRESH)})
    assert "for longer" in orders(mine).yields
    mine = given(words={B: Word(FRESH, holder=True, holder_since=NOW - 0.5), S: Word(FRESH)})
    assert not orders(mine).yields


def test_a_word_that_was_on_its_way_when_the_virtual_ip_moved_makes_no_rival():
    words = {B: Word(NOW, holder=True, holder_since=NOW - 50), S: Word(FRESH)}
    assert not orders(given(words=words, holder_since=NOW - RIVAL_SECONDS / 2)).yields
    assert "for longer" in orders(given(words=words, holder_since=NOW - RIVAL_SECONDS * 2)).yields


def test_a_holder_that_only_the_storage_machine_hears_is_left_alone():
    relayed = {A: Word(FRESH, holder=True, holder_since=NOW - 50)}
    words = {A: Word(STALE, holder=True), S: Word(FRESH, relayed=relayed)}
    assert "for longer" in orders(given(B, words=words)).yields
    assert "as storage01 hears" in orders(given(B, words=words, holder=False)).yields


def test_a_dead_holder_that_comes_to_life_again_is_not_obeyed():
    words = {A: Word(FRESH, holder=True, holder_since=NOW - 50), S: Word(FRESH, cut=frozenset({A}))}
    said = orders(given(B, words=words, cut=frozenset({A}), open=True))
    assert (said.yields, said.open) == ("", True)


def test_without_a_majority_the_storage_is_left():
    alone = given(words={B: Word(STALE), S: Word(STALE)}, majority_lost=True, alone_since=NOW - 1.5)
    assert (orders(alone).storage, orders(alone).yields) == (False, "hears no other machine")
    assert orders(replace(alone, majority_lost=False)).storage


def test_the_storage_machine_cuts_off_whom_it_does_not_hear_when_asked():
    asked = {A: Word(STALE), B: Word(FRESH, asks=A)}
    assert orders(at_storage(words=asked)).cut == {A}
    assert orders(at_storage(words={A: Word(FRESH), B: Word(FRESH, asks=A)})).cut == frozenset()
    assert orders(at_storage(words={A: Word(STALE), B: Word(STALE, asks=A)})).cut == frozenset()


def test_the_storage_machine_never_cuts_both_off():
    words = {A: Word(FRESH, asks=B), B: Word(STALE)}
    assert orders(at_storage(words=words, cut=frozenset({A}))).cut == {A}


@pytest.mark.parametrize("seed", range(300))
def test_two_nodes_never_write_at_once_whatever_breaks(seed: int):
    world = World(seed)
    for _ in world.run(3):
        pass
    for _ in range(12):
        _break_something(world)
        for _ in world.run(world.chance.uniform(0.1, 4.0)):
            assert len(world.writers()) < 2, "\n".join(world.log[-20:])


@pytest.mark.parametrize("seed", range(100))
def test_when_all_is_mended_one_node_serves_and_nobody_is_cut_off(seed: int):
    world = World(seed)
    for _ in range(12):
        _break_something(world)
        for _ in world.run(world.chance.uniform(0.1, 4.0)):
            pass
    world.down.clear()
    for machine in world.machines.values():
        machine.frozen = False
        if not machine.up:
            machine.boot(world.now)
    for _ in world.run(10):
        pass
    assert len(world.writers()) == 1, "\n".join(world.log[-20:])
    assert [machine.cut for machine in world.machines.values()] == [frozenset()] * 3


@pytest.mark.parametrize("victim", [A, B, S])
def test_after_the_loss_of_any_one_machine_one_node_serves(victim: str):
    world = World(1)
    for _ in world.run(5):
        pass
    world.cut_power(victim)
    for _ in world.run(3):
        pass
    assert len(world.writers()) == 1


def _break_something(world: World) -> None:
    machine = world.chance.choice(list(world.machines.values()))
    pair = frozenset(world.chance.sample([A, B, S], 2))
    match world.chance.choice(["power", "power", "freeze", "thaw", "cable", "cable", "agent"]):
        case "power" if machine.up:
            world.cut_power(machine.name)
        case "power":
            machine.boot(world.now)
        case "freeze":
            machine.frozen = True
        case "thaw":
            machine.frozen = False
        case "agent":
            machine.words, machine.began = {}, world.now
        case _:
            world.down ^= {pair}
    world.log.append(f"{world.now:.2f} {machine.name} {sorted(pair)}: down {[sorted(p) for p in world.down]}")
