"""The self-heal daemon rests as long as a copy has no room, and not a moment longer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relevo.agent import gluster, healing
from relevo.agent.faults import name_of
from relevo.agent.healing import (
    APART_SECONDS,
    AWAY_SECONDS,
    COPIES,
    MOUNT,
    RETURN_SECONDS,
    STORE,
    Healing,
    apart,
    in_vain,
    is_spared,
    lacking,
    without_room,
)
from relevo.agent.host_probes import probes
from relevo.agent.links import Heard
from relevo.agent.probe import COPIES_REACHED, COPY_BEHIND, NO_ROOM, Deadline
from relevo.agent.standing import Outcome, Standing
from relevo.services.glusterfs import health
from relevo.services.glusterfs.clients import Reach

NOW = 1000.0
Sight = dict[str, Heard]
FIGURES = {"disk_free_ratio": {"/srv/mail": 0.0}}
FULL = Standing(good=False, last=Outcome(NOW, ok=False, text="/srv/mail is full: 0 MiB free", figures=FIGURES))
ROOM = Standing(good=True, last=Outcome(NOW, ok=True, text="/srv/mail 70.0 GiB free"))


def view(good: object = False) -> dict[str, Any]:
    probe = {"name": "host/mail-disk", "good": good, "text": "/srv/mail is full", "figures": FIGURES}
    return {"node": "mail02", "probes": [probe]}


def store(text: str, *, good: bool = True) -> Standing:
    return Standing(good=good, last=Outcome(NOW, ok=good, text=text))


def stuck() -> dict[str, Any]:
    return {"node": "mail02", "probes": [{"name": STORE, "good": True, "text": NO_ROOM}]}


GONE = Standing(good=False, last=Outcome(NOW, ok=False, text="Transport endpoint is not connected"))


@pytest.mark.parametrize(
    ("own", "heard", "why"),
    [
        ({"host/mail-disk": FULL}, [], "/srv/mail is full: 0 MiB free"),
        ({"host/mail-disk": ROOM, "host/copy-disk": FULL}, [], "/srv/mail is full: 0 MiB free"),
        ({"host/mail-disk": ROOM, "host/disk": FULL}, [], ""),  # no mail is on it
        ({"host/mail-disk": Standing()}, [], ""),
        ({"host/mail-disk": GONE}, [], ""),  # nothing is known of its room
        ({"host/mail-disk": FULL, STORE: store("written and read")}, [], "/srv/mail is full: 0 MiB free"),
        ({"host/mail-disk": FULL, STORE: store(NO_ROOM)}, [], ""),  # nor has another copy any
        ({"host/mail-disk": FULL, STORE: store("no answer in time", good=False)}, [], ""),
        ({"host/mail-disk": FULL}, [Heard(stuck(), NOW, NOW)], ""),
        ({}, [Heard(view(), NOW, NOW)], "mail02: /srv/mail is full"),
        ({}, [Heard(view(), NOW - 60, NOW - 60)], ""),  # it is away: its disk is in nobody's way
        ({}, [Heard(view(good=True), NOW, NOW), Heard(view(good=None), NOW, NOW)], ""),
        ({}, [Heard({"probes": [None]}, NOW, NOW), Heard({}, NOW, NOW), Heard({"probes": 7}, NOW, NOW)], ""),
    ],
)
def test_who_says_that_there_is_no_room(own: dict[str, Standing], heard: list[Heard], why: str):
    assert without_room(own, heard, NOW) == why


def test_the_probes_that_say_it_are_there():
    config = {"storage_kind": "glusterfs", "storage_brick": "/", "roles": "mail", "mail_mount": "/"}
    assert {name_of(probe) for probe in probes(config)} >= healing.ROOM


LONG_AGO = NOW - AWAY_SECONDS - 1
SILENT = Heard({}, LONG_AGO, LONG_AGO)


def counted(behind: dict[str, float], at: float = NOW) -> dict[str, Standing]:
    return {COPIES: Standing(good=False, last=Outcome(at, ok=False, text="", figures={COPY_BEHIND: behind}))}


@pytest.mark.parametrize(
    ("standings", "heard", "why"),
    [
        (counted({"mail01": 7}), {"mail01": Heard({}, LONG_AGO, LONG_AGO)}, "mail01 is away"),
        (counted({"mail01": 7}), {"mail01": Heard({}, NOW, NOW)}, ""),  # it is there
        (counted({"mail01": 7}), {"mail01": Heard({}, LONG_AGO, NOW - 3)}, ""),  # for a moment
        (counted({"mail01": 7}), {"mail01": Heard({}, LONG_AGO, LONG_AGO, closed=True)}, ""),  # only its agent is away
        (counted({"mail01": 7}), {}, ""),  # nobody knows
        (counted({"mail01": 7, "storage01": 1}), {"mail01": Heard({}, LONG_AGO, LONG_AGO)}, ""),  # one that is there
        (counted({"mail01": 7, "": 1}), {"mail01": Heard({}, LONG_AGO, LONG_AGO)}, ""),  # perhaps one that is there
        (counted({"mail01": 0}), {"mail01": Heard({}, LONG_AGO, LONG_AGO)}, ""),  # nothing to do, so nothing in vain
        (counted({"mail01": 7}, NOW - 60), {"mail01": Heard({}, LONG_AGO, LONG_AGO)}, ""),  # an old count
        ({COPIES: Standing()}, {"mail01": Heard({}, LONG_AGO, LONG_AGO)}, ""),
        ({}, {"mail01": Heard({}, LONG_AGO, LONG_AGO)}, ""),
    ],
)
def test_what_only_a_machine_that_is_away_lacks_is_healed_by_nobody(
    standings: dict[str, Standing], heard: dict[str, Heard], why: str,
):
    assert in_vain(standings, heard, (), NOW) == why


def test_who_is_still_cut_off_is_away():
    heard = {"mail01": Heard({}, NOW, NOW)}
    assert in_vain(counted({"mail01": 7}), heard, {"mail01"}, NOW) == "mail01 is away"


def test_the_probe_that_counts_it_is_there():
    config = {
        "storage_kind": "glusterfs", "storage_volume": "mail", "storage_brick": "/", "roles": "storage",
        "gluster_brick_ports": "49152:49251", "peers": "[]", "address": "192.0.2.1",
    }
    assert {COPIES, gluster.BRICK} <= {name_of(probe) for probe in health.probes(config)}


@pytest.fixture
def daemon(tmp_path, monkeypatch) -> list[int]:
    """Return an entry for each time that the daemon was ended."""
    ended: list[int] = []
    monkeypatch.setattr(healing, "end_healers", lambda: ended.append(1))

    async def renew(_volume: str) -> None: ...

    monkeypatch.setattr(healing, "renew_healer", renew)
    return ended


def turns(mark: Path, *given: tuple[float, str], volume: str = "mail") -> None:
    """Follow what is given, each at its second."""

    async def play() -> None:
        work: list[Coroutine[Any, Any, None]] = []
        one = Healing("mail02", volume, work.append, mark)
        for now, why in given:
            one.follow(now, why)
            while work:
                await work.pop()

    asyncio.run(play())


def test_it_is_ended_and_its_probe_told(tmp_path, daemon):
    turns(tmp_path / "rests", (NOW, "full"))
    assert len(daemon) == 1
    assert (tmp_path / "rests").exists()
    reach = Reach("the self-heal daemon", str(tmp_path / "pid"), ["127.0.0.1"], range(1), rests=str(tmp_path / "rests"))
    assert reach.check(Deadline(1)) == "rests: it could heal nothing now, or do harm"


def test_it_is_ended_again_when_somebody_starts_it_but_not_all_the_time(tmp_path, daemon):
    turns(tmp_path / "rests", (NOW, "full"), (NOW + 0.5, "full"), (NOW + 4.9, "full"), (NOW + 5.0, "full"))
    assert len(daemon) == 2


def test_with_room_it_may_go_on_and_may_be_ended_at_once_the_next_time(tmp_path, daemon):
    turns(tmp_path / "rests", (NOW, "full"), (NOW + 1, ""), (NOW + 2, ""))
    assert not (tmp_path / "rests").exists()
    turns(tmp_path / "rests", (NOW, "full"), (NOW + 1, ""), (NOW + 2, "full"))
    assert len(daemon) == 3


def test_a_new_agent_takes_away_what_an_old_one_left(tmp_path, daemon):
    (tmp_path / "rests").touch()
    turns(tmp_path / "rests", (NOW, ""))
    assert not (tmp_path / "rests").exists()
    assert not daemon


def test_where_there_is_no_volume_nothing_is_done(tmp_path, daemon):
    turns(tmp_path / "rests", (NOW, "full"), volume="")
    assert not daemon
    assert not (tmp_path / "rests").exists()


def test_both_sides_mean_the_same_file():
    assert health.RESTS_FILE == healing.RESTS_FILE


def looks(mark: Path, *moments: tuple[float, Sight, set[str]]) -> list[bool]:
    """Have it look so many seconds after NOW at who is heard and who is cut off; return when it rested.

    Who is heard and not silent is heard at that very moment.
    """
    work: list[Coroutine[Any, Any, None]] = []
    one, rested = Healing("mail02", "mail", work.append, mark), []
    for seconds, heard, cut in moments:
        now = NOW + seconds
        there = {name: last if last is SILENT else replace(last, alive_at=now) for name, last in heard.items()}
        one.look(now, counted({"mail01": 7}, now), there, cut)
        while work:
            asyncio.run(work.pop())
        rested.append(mark.exists())
    return rested


def test_it_rests_until_who_is_back_is_let_in(tmp_path, daemon):
    mark = tmp_path / "rests"
    silent, back, cut, let_in = {"mail01": SILENT}, {"mail01": Heard({}, NOW, NOW)}, {"mail01"}, set[str]()
    moments = (0, back, cut), (1, silent, cut), (2, back, cut), (2.5, back, let_in), (2 + RETURN_SECONDS, back, let_in)
    assert looks(mark, *moments) == [False, True, True, True, False]


def test_it_rests_until_clients_find_the_copy_of_who_is_back_but_not_for_ever(tmp_path, daemon):
    deaf = {"mail01": Heard({"probes": [{"name": gluster.BRICK, "good": False}]}, NOW, NOW)}
    moments = (0, {"mail01": SILENT}, set[str]()), (7, deaf, set[str]()), (31, deaf, set[str]())
    assert looks(tmp_path / "rests", *moments) == [True, True, False]


def hears(*others: str, misses: tuple[str, ...] = (), at: float = NOW) -> Heard:
    return Heard({"relayed": {name: {} for name in (*others, *misses)}, "misses": list(misses)}, at, at)


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        ({"mail01": hears("mail02", "storage01"), "storage01": hears("mail01", "mail02")}, ""),
        (  # the others don't hear each other
            {"mail01": hears("mail02", misses=("storage01",)), "storage01": hears("mail02", misses=("mail01",))},
            "mail01 and storage01 don't hear each other",
        ),
        (  # one way
            {"mail01": hears("mail02", "storage01"), "storage01": hears("mail02", misses=("mail01",))},
            "mail01 and storage01 don't hear each other",
        ),
        (  # we don't hear one that another hears
            {"mail01": hears("mail02", "storage01"), "storage01": hears(at=LONG_AGO)},
            "mail02 and storage01 don't hear each other",
        ),
        ({"mail01": hears("mail02", misses=("storage01",)), "storage01": hears(at=LONG_AGO)}, ""),  # nobody hears it
        ({"mail01": hears("mail02"), "storage01": hears(at=LONG_AGO)}, ""),  # the other has never heard it
        ({"mail01": hears(at=LONG_AGO), "storage01": hears(at=LONG_AGO)}, ""),  # we are alone
        (  # one doesn't hear us
            {"mail01": hears("storage01", misses=("mail02",)), "storage01": hears("mail01", "mail02")},
            "mail01 and mail02 don't hear each other",
        ),
        ({"mail01": Heard({}, NOW, NOW), "storage01": Heard({"misses": 7}, NOW, NOW)}, ""),  # of another version
    ],
)
def test_who_does_not_hear_whom(heard: Sight, why: str):
    assert apart("mail02", heard, NOW) == why


def mount(count: float) -> Standing:
    return Standing(good=True, last=Outcome(NOW, ok=True, text="", figures={COPIES_REACHED: {"": count}}))


def with_mount(count: float, at: float = NOW) -> Heard:
    return Heard({"probes": [{"name": MOUNT, "good": True, "figures": {COPIES_REACHED: {"": count}}}]}, at, at)


@pytest.mark.parametrize(
    ("own", "heard", "is_lacking"),
    [
        (3, {"mail01": with_mount(3), "storage01": Heard({}, NOW, NOW)}, False),
        (2, {"mail01": with_mount(3), "storage01": Heard({}, NOW, NOW)}, True),
        (3, {"mail01": with_mount(2), "storage01": Heard({}, NOW, NOW)}, True),
        (2, {"mail01": with_mount(2), "storage01": SILENT}, False),  # there are no more
        (2, {}, False),  # nobody has been heard yet
    ],
)
def test_a_mount_that_lacks_a_copy_is_seen_where_all_machines_are_there(own: float, heard: Sight, is_lacking: bool):
    assert bool(lacking({MOUNT: mount(own)}, heard, NOW)) is is_lacking


def test_it_rests_while_two_don_t_hear_each_other_and_a_moment_longer(tmp_path, daemon):
    whole = {"mail01": hears("mail02", "storage01"), "storage01": hears("mail01", "mail02")}
    cut = {"mail01": hears("mail02", misses=("storage01",)), "storage01": hears("mail02", misses=("mail01",))}
    back, nobody = 9 + RETURN_SECONDS, set[str]()
    moments = (0, cut, nobody), (APART_SECONDS, cut, nobody), (9, cut, nobody), (back - 1, whole, nobody)
    assert looks(tmp_path / "rests", *moments, (back, whole, nobody)) == [False, True, True, True, False]


def test_a_word_that_was_on_its_way_when_one_came_back_ends_no_daemon(tmp_path, daemon):
    whole = {"mail01": hears("mail02", "storage01"), "storage01": hears("mail01", "mail02")}
    late = {"mail01": hears("mail02", misses=("storage01",)), "storage01": hears("mail01", "mail02")}
    moments = [(at, late if at % 1 else whole, set[str]()) for at in (0, 0.5, 1, 1.5, 2, 2.5)]
    assert not any(looks(tmp_path / "rests", *moments))


@pytest.mark.parametrize(
    ("behind", "heard", "cut", "spared"),
    [
        ({}, {"mail01", "storage01"}, set(), True),
        ({"mail01": 1}, {"mail01", "storage01"}, set(), False),
        ({}, {"mail01"}, set(), False),
        ({}, {"mail01", "storage01"}, {"mail01"}, False),
    ],
)
def test_a_copy_is_spared_where_the_others_are_there_and_lack_nothing(
    behind: dict[str, float], heard: set[str], cut: set[str], spared: bool,
):
    words = {name: Heard({}, NOW, NOW) for name in heard}
    assert is_spared(counted(behind), words, ("mail01", "storage01"), cut, NOW) is spared
    assert not is_spared({}, words, ("mail01", "storage01"), cut, NOW)
