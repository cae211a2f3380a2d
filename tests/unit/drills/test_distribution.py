"""The drill from one Debian to the next: whose place is taken in which order, and where the mail is meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pytest

from relevo.drills.events import Event
from relevo.drills.promises import distribution
from relevo.drills.result import Verdict
from relevo.drills.vocabulary import World
from relevo.drills.waiting import NotHere
from tests.unit.drills.conftest import MemoryPlatform


@pytest.fixture
def kinds(world: World, platform: MemoryPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have events that only strike; return the kind of storage at each of them."""
    seen: list[str] = []

    def strike(world: World, events: Iterable[Event]) -> None:
        for event in events:
            seen.append(world.cluster.storage.kind)
            event.strike(event.victim(world))

    monkeypatch.setattr(distribution, "play", strike)
    platform.file = tmp_path / "relevo.toml"
    example = files("relevo.cluster").joinpath("example.toml").read_text(encoding="utf-8")
    platform.file.write_text(example, encoding="utf-8")
    return seen


def test_the_standby_goes_first_and_the_mail_is_elsewhere_meanwhile(
    world: World, platform: MemoryPlatform, kinds: list[str],
) -> None:
    platform.says["VERSION_CODENAME"] = "bookworm"
    distribution.run(world)
    done = [line for line in platform.asked if line.startswith("relevo ") or "SHUT DOWN" in line or "RENEW" in line]
    assert done == [
        "relevo storage move external",
        "mail02: SHUT DOWN", "mail02: RENEW trixie", "relevo replace mail02", "relevo switchover",
        "mail02: SHUT DOWN", "mail02: RENEW trixie", "relevo replace mail02",  # nothing moves the address here
        "storage01: SHUT DOWN", "storage01: RENEW trixie", "relevo replace storage01",
        "relevo storage move glusterfs",
    ]
    assert kinds == ["glusterfs", *["external"] * 5]
    assert world.cluster.storage.kind == "glusterfs"
    assert world.recorder.checks[-1].verdict is Verdict.FAILED, "the machines say that they are of the older one"


def test_machines_of_the_newest_debian_have_no_way_to_go(world: World, platform: MemoryPlatform) -> None:
    platform.says["VERSION_CODENAME"] = "trixie"
    with pytest.raises(NotHere, match="--suite bookworm"):
        distribution.run(world)
