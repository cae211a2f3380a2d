"""The verdict's invariants, replayed from cases and from random states; `Pair` plays keepalived's part."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.agent.faults import FOUNDATIONS, Fault
from relevo.agent.verdict import (
    BASE_PRIORITY,
    BEGIN_SECONDS,
    CONFIRM_SECONDS,
    FAULT,
    FOUNDATION_SECONDS,
    FRESH_SECONDS,
    HOLD_MOST_SECONDS,
    INCUMBENT,
    LET_GO_SECONDS,
    PREFERRED,
    UNSEEN,
    WELL,
    PeerWord,
    Situation,
    hold_seconds,
    weigh,
)

NOW = 10_000.0
SERVICES = ("postfix", "dovecot", "nginx", "amavis", "clamav", "roundcube", "mariadb", "storage")
ORDINARY = tuple(name for name in SERVICES if name not in FOUNDATIONS)


def fault(service: str, age: float = 60.0, **more: bool) -> Fault:
    return Fault(f"{service}/x", service, "broken", NOW - age, **{"local": False, **more})


@dataclass(frozen=True)
class Node:
    """One node of the pair: its faulty services, and what the verdict is told besides."""

    ill: frozenset[str] = frozenset()
    preferred: bool = False
    failback: bool = False
    demotions: tuple[float, ...] = ()
    well_since: float = float("-inf")
    behind: str = ""

    def situation(self, *, holder: bool, other: Node, weight: int, heard: bool) -> Situation:
        word = PeerWord(
            heard=NOW - 0.1, weight=weight, ready=True, bad=frozenset(f"{name}/x" for name in other.ill),
            succeeded={f"{name}/x": NOW - 0.2 for name in SERVICES if name not in other.ill},
        )
        return Situation(
            NOW, seen=True, holder=holder, faults=[fault(name) for name in sorted(self.ill)],
            peer=word if heard else None, preferred=self.preferred, failback=self.failback, demotions=self.demotions,
            well_since=self.well_since, behind=self.behind,
        )


def priority(weight: int) -> int:
    """Return keepalived's priority; 0 is its FAULT state."""
    return 0 if weight <= FAULT else min(max(BASE_PRIORITY + weight, 1), 254)


def settle(nodes: list[Node], holder: int | None, *, hears: tuple[bool, bool] = (True, True)) -> list[int | None]:
    """Let both nodes weigh and keepalived act until nothing moves; return the holders in a row."""
    row, weights = [holder], [0, 0]
    for _ in range(8):
        for me in (0, 1):
            weights[me] = weigh(
                nodes[me].situation(
                    holder=holder == me, other=nodes[1 - me], weight=weights[1 - me], heard=hears[me]
                )
            ).weight
        mine = [priority(weight) for weight in weights]
        if max(mine) == 0:
            holder = None
        elif holder is None or mine[1 - holder] > mine[holder]:
            holder = mine.index(max(mine))
        if holder != row[-1]:
            row.append(holder)
    return row


ills = st.frozensets(st.sampled_from(SERVICES))
ordinary_ills = st.frozensets(st.sampled_from(ORDINARY))


# 1. A fault that both have moves nothing


@given(ordinary_ills, st.integers(0, 1), st.booleans(), st.integers(0, 1))
def test_the_same_faults_on_both_move_nothing(ill: frozenset[str], holder: int, heard: bool, preferred: int):
    nodes = [Node(ill, preferred=preferred == me) for me in (0, 1)]
    assert settle(nodes, holder, hears=(heard, heard)) == [holder]


@given(ordinary_ills, st.sampled_from(ORDINARY), st.integers(0, 1))
def test_one_fault_more_on_the_holder_moves_it(shared: frozenset[str], more: str, holder: int):
    nodes = [Node(shared - {more}), Node(shared - {more})]
    nodes[holder] = Node(shared | {more})
    assert settle(nodes, holder) == [holder, 1 - holder]


def test_the_holder_waits_for_the_peers_word_on_a_fault_that_need_not_be_its_own():
    silent = PeerWord(heard=NOW - 0.1, weight=180, ready=True)
    young = fault("postfix", age=CONFIRM_SECONDS / 2)
    waiting = Situation(NOW, seen=True, holder=True, faults=[young], peer=silent)
    assert weigh(waiting).why == ("well",)
    assert weigh(replace(waiting, now=NOW + CONFIRM_SECONDS, peer=replace(silent, heard=NOW + CONFIRM_SECONDS))).demoted
    confirmed = replace(silent, succeeded={"postfix/x": NOW - 0.1})
    assert weigh(replace(waiting, peer=confirmed)).demoted
    assert weigh(replace(waiting, faults=[replace(young, local=True)])).demoted
    assert not weigh(replace(waiting, peer=replace(silent, bad=frozenset({"postfix/x"})))).demoted


# 2. The holder keeps it on a tie, and nothing comes back by itself


def test_who_has_just_let_go_does_not_take_it_back_before_the_new_holder_counts_as_one():
    repaired = Situation(NOW, seen=True, holder=False, preferred=True, left_at=NOW - 0.03)
    new_holder = Situation(NOW, seen=True, holder=False)  # its agent has not noticed yet
    assert weigh(repaired).weight < weigh(new_holder).weight
    later = replace(repaired, now=NOW + LET_GO_SECONDS)
    assert weigh(later).weight < weigh(replace(new_holder, holder=True)).weight


@given(ordinary_ills, ordinary_ills, st.integers(0, 1), st.booleans(), st.integers(0, 1))
def test_whatever_the_faults_it_moves_once_at_most(
    one: frozenset[str], two: frozenset[str], holder: int, heard: bool, preferred: int
):
    nodes = [Node(one, preferred=preferred == 0), Node(two, preferred=preferred == 1)]
    row = settle(nodes, holder, hears=(heard, heard))
    assert len(row) <= 2
    better = len(nodes[1 - holder].ill - nodes[holder].ill) < len(nodes[holder].ill - nodes[1 - holder].ill)
    if len(row) == 2:
        assert better, "it moved to a node that is no better"


@given(ordinary_ills, ordinary_ills, st.integers(0, 1), st.integers(0, 1))
def test_when_only_one_hears_the_other_nothing_flaps(one: frozenset[str], two: frozenset[str], holder: int, deaf: int):
    assert len(settle([Node(one), Node(two)], holder, hears=(deaf == 1, deaf == 0))) <= 2


def test_a_recovered_node_does_not_take_it_back():
    nodes = [Node(frozenset({"postfix"}), preferred=True), Node()]
    assert settle(nodes, 0) == [0, 1]
    assert settle([Node(preferred=True), Node()], 1) == [1]


def test_with_failback_auto_the_preferred_node_takes_it_back_when_it_is_well():
    first, second = Node(preferred=True, failback=True), Node(failback=True)
    assert settle([first, second], 1) == [1, 0]
    assert settle([replace(first, ill=frozenset({"nginx"})), second], 1) == [1]


def test_at_first_the_preferred_node_gets_it():
    assert settle([Node(), Node(preferred=True)], None) == [None, 1]


# 3. Held down after repeated failovers


def test_the_time_on_hold_grows_and_has_an_end():
    times = [hold_seconds(count) for count in range(12)]
    assert times[:3] == [0.0, 0.0, 0.0]
    assert times[3] > 0
    assert times == sorted(times)
    assert times[-1] == HOLD_MOST_SECONDS


def test_a_node_on_hold_does_not_take_it_from_a_holder_with_one_service_ill():
    restless = Node(demotions=(NOW - 50, NOW - 30, NOW - 10), well_since=NOW - 1)
    assert settle([Node(frozenset({"postfix"})), restless], 0) == [0]
    assert settle([Node(frozenset({"postfix"})), replace(restless, well_since=NOW - 6)], 0) == [0, 1]
    assert settle([Node(frozenset({"postfix", "dovecot"})), restless], 0) == [0, 1]


def test_what_was_stopped_by_hand_is_no_demotion():
    died = Situation(NOW, seen=True, holder=True, faults=[fault("postfix", local=True)])
    assert weigh(died).demoted
    assert not weigh(replace(died, faults=[fault("postfix", local=True, by_hand=True)])).demoted


# 4. Who must never have it


@given(st.sampled_from(sorted(FOUNDATIONS)), ills, st.booleans(), st.booleans(), st.booleans())
def test_without_storage_or_database_a_node_never_has_it(
    lacks: str, ill: frozenset[str], holder: bool, preferred: bool, failback: bool
):
    given_ = Node(ill | {lacks}, preferred, failback).situation(
        holder=holder, other=Node(ill | {lacks}), weight=0, heard=True
    )
    assert weigh(given_).weight == FAULT


def test_both_without_storage_means_that_nobody_has_it_and_then_it_comes_back():
    bare = Node(frozenset({"storage"}))
    assert settle([bare, bare], 0) == [0, None]
    assert settle([Node(), bare], None) == [None, 0]


def test_a_stall_of_the_storage_is_borne_for_a_while():
    stall = fault("storage", age=FOUNDATION_SECONDS - 0.1)
    assert weigh(Situation(NOW, seen=True, holder=True, faults=[stall])).weight > 0
    assert weigh(Situation(NOW + 0.2, seen=True, holder=True, faults=[stall])).weight == FAULT


def test_a_node_that_was_told_of_its_lost_majority_lets_go_at_once():
    lost = fault("mariadb", 0, majority_lost=True)
    assert weigh(Situation(NOW, seen=True, holder=True, faults=[lost])).weight == FAULT


def test_an_agent_that_has_seen_nothing_does_not_praise_its_node():
    assert weigh(Situation(NOW, seen=False, holder=False)).weight == UNSEEN


# 5. Silence


@given(ordinary_ills, st.booleans(), st.integers(-300, 250), ordinary_ills)
def test_an_old_word_counts_as_none(ill: frozenset[str], holder: bool, weight: int, bad: frozenset[str]):
    base = Situation(NOW, seen=True, holder=holder, faults=[fault(name) for name in sorted(ill)])
    old = PeerWord(NOW - FRESH_SECONDS - 0.1, weight, ready=True, bad=frozenset(f"{name}/x" for name in bad))
    assert weigh(replace(base, peer=old)) == weigh(base)


# 6. Worse is never praised


@given(ordinary_ills, st.sampled_from(SERVICES), st.booleans(), st.booleans(), st.booleans())
def test_one_fault_more_never_gives_more(ill: frozenset[str], more: str, holder: bool, preferred: bool, failback: bool):
    node = Node(ill, preferred, failback)
    worse = replace(node, ill=ill | {more})
    told = {"holder": holder, "other": Node(), "weight": 100, "heard": False}
    assert weigh(worse.situation(**told)).weight <= weigh(node.situation(**told)).weight


@given(ills, ills, st.tuples(st.booleans(), st.booleans()), st.booleans(), st.booleans())
def test_every_weight_is_one_that_keepalived_takes_as_meant(
    ill: frozenset[str], other: frozenset[str], wishes: tuple[bool, bool], holder: bool, heard: bool
):
    node = Node(ill, *wishes)
    weight = weigh(node.situation(holder=holder, other=Node(other), weight=100, heard=heard)).weight
    assert weight == FAULT or UNSEEN < weight <= 254 - BASE_PRIORITY


# 7. Behind by hand


@given(ordinary_ills, ordinary_ills, st.integers(0, 1), st.booleans())
def test_a_drained_node_hands_over_whatever_the_faults_and_never_takes_it_back(
    one: frozenset[str], two: frozenset[str], holder: int, heard: bool
):
    nodes = [Node(one, behind="drained by hand"), Node(two)]
    assert settle(nodes, holder, hears=(heard, heard))[-1] == 1


def test_a_drained_node_has_it_when_nobody_else_may():
    drained = Node(behind="drained by hand", preferred=True)
    assert settle([drained, Node(frozenset({"storage"}))], 1) == [1, 0]
    assert settle([drained, Node(frozenset({"storage"}))], None) == [None, 0]


def test_a_drained_node_without_storage_lets_go_like_any_other():
    lost = fault("storage")
    assert weigh(Situation(NOW, seen=True, holder=True, faults=[lost], behind="drained by hand")).weight == FAULT


# Handing over at once


@pytest.mark.parametrize(
    ("change", "yields"),
    [
        ({}, True),
        ({"ready": False}, False),  # its keepalived is down: nobody would have the address
        ({"weight": 100}, False),  # no better than we are
        ({"heard": NOW - 5}, False),  # silent
    ],
)
def test_it_lets_go_at_once_only_when_the_peer_surely_takes_it(change: dict[str, object], yields: bool):
    word = replace(PeerWord(heard=NOW, weight=180, ready=True), **change)
    found = weigh(Situation(NOW, seen=True, holder=True, faults=[fault("postfix")], peer=word))
    assert found.yields is yields
    assert (found.weight == FAULT) is yields


def test_when_the_peer_did_not_take_it_the_holder_does_not_let_go_again_and_again():
    word = PeerWord(heard=NOW, weight=180, ready=True)
    base = Situation(NOW, seen=True, holder=True, faults=[fault("postfix")], peer=word)
    assert weigh(replace(base, yielded_at=NOW - 0.1)).weight == FAULT
    assert weigh(replace(base, yielded_at=NOW - 1)).weight > 0
    assert weigh(replace(base, yielded_at=NOW - 11)).weight == FAULT


@given(ill=st.frozensets(st.sampled_from(ORDINARY), min_size=1), local=st.booleans())
def test_who_has_cut_the_other_off_keeps_it_however_well_that_one_believes_itself(ill: frozenset[str], local: bool):
    thawed = PeerWord(heard=NOW, weight=WELL + PREFERRED, ready=True, succeeded={f"{name}/x": NOW for name in ill})
    faults = [fault(name, local=local) for name in ill]
    holder = Situation(NOW, seen=True, holder=True, faults=faults, peer=thawed, alone=True)
    assert weigh(holder).weight > thawed.weight
    assert weigh(replace(holder, alone=False)).weight < thawed.weight, "else this shows nothing"


def test_who_has_cut_the_other_off_lets_go_of_it_all_the_same_without_storage():
    found = weigh(Situation(NOW, seen=True, holder=True, faults=[fault("storage")], alone=True))
    assert found.weight == FAULT


@pytest.mark.parametrize(
    ("change", "weight"),
    [
        ({}, UNSEEN),
        ({"begins": False}, WELL),  # it has its word to say again, or has been silent about its services for too long
        ({"holder": False}, WELL),  # nobody to wait for
        ({"heard": NOW - 2 * FRESH_SECONDS}, WELL),  # it fell silent again
    ],
)
def test_a_standby_waits_for_a_holder_whose_agent_has_just_begun(change: dict[str, object], weight: int):
    word = replace(PeerWord(heard=NOW - 0.1, holder=True, begins=True), **change)
    assert weigh(Situation(NOW, seen=True, holder=False, peer=word)).weight == weight


def test_a_holder_waits_for_nobody():
    word = PeerWord(heard=NOW - 0.1, holder=True, begins=True)
    assert weigh(Situation(NOW, seen=True, holder=True, peer=word)).weight > WELL


@pytest.mark.parametrize(
    ("change", "weight"),
    [
        ({}, UNSEEN),
        ({"began": NOW - BEGIN_SECONDS}, WELL),  # the other has had its time
        ({"peer": PeerWord(heard=NOW - 0.1)}, WELL),  # it was heard, and is not the holder
        ({"peer": PeerWord(heard=NOW - 2 * FRESH_SECONDS)}, UNSEEN),
        ({"holder": True}, WELL + INCUMBENT),  # a holder waits for nobody
    ],
)
def test_a_standby_whose_agent_has_just_begun_waits_for_the_first_word_of_the_other(
    change: dict[str, object], weight: int
):
    young = Situation(NOW, seen=True, holder=False, began=NOW - BEGIN_SECONDS / 2)
    assert weigh(replace(young, **change)).weight == weight
