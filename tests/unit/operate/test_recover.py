"""From which node a database cluster goes on."""

from __future__ import annotations

import pytest

from relevo.errors import RelevoError
from relevo.operate.recover import Position, Recovery, Way, decide, parse_position

ONE, OTHER = "87303adb-e828-11f1-8901-faee98757618", "11111111-e828-11f1-8901-faee98757618"


def at(node: str, seqno: int, uuid: str = ONE) -> Position:
    return Position(node, uuid=uuid, seqno=seqno)


def up(node: str) -> Position:
    return Position(node, serves=True)


EMPTY = Position("mail02")


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([at("mail01", 2371), at("mail02", 2372)], Recovery(Way.BEGIN, "mail02", ("mail01",))),
        ([at("mail01", 2372), at("mail02", 2371)], Recovery(Way.BEGIN, "mail01", ("mail02",))),
        ([at("mail01", 7), at("mail02", 7)], Recovery(Way.BEGIN, "mail01", ("mail02",))),
        ([at("mail01", 0), EMPTY], Recovery(Way.BEGIN, "mail01", ("mail02",))),
        ([at("mail01", 9), up("mail02")], Recovery(Way.REJOIN, "mail02", ("mail01",))),
        ([up("mail01"), EMPTY], Recovery(Way.REJOIN, "mail01", ("mail02",))),
        ([up("mail01"), up("mail02")], Recovery(Way.NOTHING, "mail01", ())),
    ],
)
def test_choice(positions, expected):
    assert decide(positions) == expected


def test_a_lost_node_is_passed_over():
    assert decide([at("mail02", 5)], lost=["mail01"]) == Recovery(Way.BEGIN, "mail02", ())


def test_the_operator_may_choose():
    positions = [at("mail01", 9), at("mail02", 5, OTHER)]
    assert decide(positions, forced="mail02") == Recovery(Way.BEGIN, "mail02", ("mail01",))


def test_databases_of_two_clusters_are_not_chosen_from():
    with pytest.raises(RelevoError, match="--from"):
        decide([at("mail01", 9), at("mail02", 5, OTHER)])


@pytest.mark.parametrize(
    ("positions", "forced"), [([Position("mail01"), EMPTY], ""), ([at("mail01", 1), EMPTY], "mail02")]
)
def test_a_node_without_data_is_never_the_source(positions, forced):
    with pytest.raises(RelevoError, match="relevo apply"):
        decide(positions, forced=forced)


def test_position_is_read_from_galera_recovery():
    assert parse_position(f"--wsrep_start_position={ONE}:2712") == (ONE, 2712)
    assert parse_position(f"--wsrep_start_position={ONE}:2712,0-1-5") == (ONE, 2712)
    uuid, seqno = parse_position("")
    assert not Position("mail01", uuid=uuid, seqno=seqno).has_data
    with pytest.raises(RelevoError, match="no position"):
        parse_position("--wsrep_start_position=garbage:x")
