"""The drill of a store that is away runs only where one machine alone has the mail."""

from __future__ import annotations

import pytest

from relevo.drills.promises import store_away
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from tests.unit.drills.conftest import MemoryPlatform


def test_a_store_of_three_machines_is_never_away(world: World, platform: MemoryPlatform) -> None:
    with pytest.raises(NotHere, match="glusterfs"):
        store_away.run(world)
    assert not platform.asked
