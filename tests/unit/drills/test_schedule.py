"""What a chaos drill breaks: reproducible, of all kinds, one thing at a time."""

from __future__ import annotations

from itertools import islice

import pytest

from relevo.drills.catalogue import DRILLS
from relevo.drills.promises import chaos
from relevo.drills.schedule import ALL, KINDS, LONGEST_SECONDS, SHORTEST_SECONDS, Kind, faults

UNITS = ("postfix", "dovecot", "keepalived")


def test_the_same_seed_breaks_the_same_things():
    assert list(islice(faults(7, UNITS), 50)) == list(islice(faults(7, UNITS), 50))
    assert list(islice(faults(7, UNITS), 50)) != list(islice(faults(8, UNITS), 50))


def test_in_half_an_hour_there_is_time_for_twenty():
    assert 20 * (LONGEST_SECONDS + chaos.CALM_SECONDS) < 30 * 60 / 2, "half of the time is for getting whole"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_drawn_with_what_it_needs(kind: Kind):
    drawn = [fault for fault in islice(faults(1, UNITS), 300) if fault.kind is kind]
    assert {fault.role for fault in drawn} == set(kind.roles) <= set(ALL)
    for fault in drawn:
        assert bool(fault.unit) is kind.needs_unit
        assert bool(fault.other) is kind.between
        assert fault.other != fault.role
        assert SHORTEST_SECONDS <= fault.seconds <= LONGEST_SECONDS
        assert "{" not in kind.title.format(node="a", other="b", unit="c")


def test_it_is_run_only_by_its_name():
    assert chaos.DRILL in DRILLS
    assert chaos.DRILL.long
