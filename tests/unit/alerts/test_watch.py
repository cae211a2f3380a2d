"""Who tells that the storage machine is silent, and when."""

from __future__ import annotations

from typing import Any

from relevo.alerts.message import FAILURE, SUCCESS
from relevo.alerts.watch import BACK_SECONDS, LOOK_SECONDS, SILENT_SECONDS, Watch

HOUR = 3600.0


def whole(
    *, holder: bool, storage: float | None, other: float | None = 0.1, other_holds: bool = False
) -> dict[str, Any]:
    def peer(age: float | None, *, holds: bool = False) -> dict[str, Any]:
        return {"age": age, "view": {"holder": holds} if age is not None else None}

    return {"own": {"holder": holder}, "peers": {"storage01": peer(storage), "mail02": peer(other, holds=other_holds)}}


class Time:
    """Looks again and again at the same, and keeps what is told with its second."""

    def __init__(self) -> None:
        self.watch, self.now, self.told = Watch("parati", "storage01", 4 * HOUR), 1000.0, []

    def go(self, seconds: float, view: dict[str, Any]) -> list[tuple[float, str]]:
        end, before = self.now + seconds, len(self.told)
        began = self.now
        while self.now < end:
            if message := self.watch.look(view, self.now):
                self.told.append((self.now - began, message.kind))
            self.now += LOOK_SECONDS
        return self.told[before:]


def test_the_active_node_tells_after_a_minute_and_again_after_hours_and_that_it_is_back():
    time = Time()
    assert time.go(600, whole(holder=True, storage=0.2)) == []
    assert time.go(9 * HOUR, whole(holder=True, storage=7.0)) == [
        (SILENT_SECONDS, FAILURE), (SILENT_SECONDS + 4 * HOUR, FAILURE), (SILENT_SECONDS + 8 * HOUR, FAILURE),
    ]
    assert time.go(600, whole(holder=True, storage=0.2)) == [(BACK_SECONDS, SUCCESS)]
    assert time.go(100, whole(holder=True, storage=None)) == [(SILENT_SECONDS, FAILURE)]


def test_a_short_silence_is_no_news():
    time = Time()
    for _ in range(5):
        assert time.go(SILENT_SECONDS - LOOK_SECONDS, whole(holder=True, storage=9.0)) == []
        assert time.go(LOOK_SECONDS, whole(holder=True, storage=0.1)) == []


def test_the_standby_leaves_it_to_the_active_node():
    time = Time()
    assert time.go(600, whole(holder=False, storage=9.0, other_holds=True)) == []
    # ... and tells when that one is silent too, or has let go of the virtual IP
    assert time.go(600, whole(holder=False, storage=9.0, other=9.0, other_holds=True)) == [(0.0, FAILURE)]


def test_after_a_failover_the_new_active_node_tells():
    time = Time()
    time.go(600, whole(holder=False, storage=9.0, other_holds=True))
    assert time.go(60, whole(holder=True, storage=9.0)) == [(0.0, FAILURE)]
