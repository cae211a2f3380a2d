"""A machine in the place of a dead one: which identity it gets, and when its brick takes the lost one's place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relevo.cluster.model import Cluster
from relevo.errors import RelevoError
from relevo.services.glusterfs import successor
from relevo.services.glusterfs.blame import blame
from relevo.services.glusterfs.settings import brick_of
from relevo.services.glusterfs.successor import identity
from tests.unit.services.golden import GOLDEN

# taken from GlusterFS 11.1 on storage01; Gluster had looked up the name of the machine that joined the others
POOL = (GOLDEN / "glusterfs" / "answers" / "pool.xml").read_text()
INFO = "UUID=182ee8cf-9c39-4b61-879d-f95065d4fd97\noperating-version=110000\n"
MAIL01, MAIL02 = "9f75a90f-be0f-4014-88fb-335ea34e5fe1", "927cff7c-6474-430f-a44e-8dee60155337"
STORAGE = "182ee8cf-9c39-4b61-879d-f95065d4fd97"


def test_a_successor_is_the_peer_that_the_others_know(cluster):
    files = identity(cluster, cluster.nodes["mail02"], POOL, INFO)
    assert files == {
        "/var/lib/glusterd/glusterd.info": f"UUID={MAIL02}\noperating-version=110000\n",
        f"/var/lib/glusterd/peers/{MAIL01}": f"uuid={MAIL01}\nstate=3\nhostname1=192.168.100.11\n",
        f"/var/lib/glusterd/peers/{STORAGE}": f"uuid={STORAGE}\nstate=3\nhostname1=192.168.100.10\n",
    }


def test_a_machine_that_gluster_knows_by_name_is_found(cluster):
    files = identity(cluster, cluster.nodes["mail01"], POOL, INFO)
    assert files["/var/lib/glusterd/glusterd.info"].startswith(f"UUID={MAIL01}\n")


def test_a_machine_that_the_others_never_knew_can_not_be_followed(cluster):
    pool = POOL.replace("192.168.100.12", "192.168.100.99")
    with pytest.raises(RelevoError, match="knows no machine mail02"):
        identity(cluster, cluster.nodes["mail02"], pool, INFO)


@pytest.mark.parametrize(
    "but",
    [{"marked": False}, {"bare": False}, {"volume": None}, {"online": True}],
)
def test_nothing_takes_a_place_but_the_bare_brick_of_a_successor(cluster, monkeypatch, but: dict[str, object]):
    _given(monkeypatch, cluster, **({"marked": True, "bare": True, "volume": object(), "online": False} | but))
    assert successor.place_needed(cluster, cluster.nodes["mail02"]) is None


def test_the_bare_brick_of_a_successor_takes_the_place_of_the_lost_one(cluster, monkeypatch):
    _given(monkeypatch, cluster, marked=True, bare=True, volume=object(), online=False)
    assert successor.place_needed(cluster, cluster.nodes["mail02"]) == "take the place of the lost copy"


def _given(
    monkeypatch: pytest.MonkeyPatch, cluster: Cluster, *, marked: bool, bare: bool, volume: object, online: bool,
) -> None:
    monkeypatch.setattr(successor, "is_successor", lambda: marked)
    monkeypatch.setattr(successor.brick, "is_bare", lambda _: bare)
    monkeypatch.setattr(successor.volume, "volume", lambda: volume)
    lost = [] if online else [brick_of(cluster, cluster.nodes["mail02"])]
    monkeypatch.setattr(successor.volume, "offline", lambda _: lost)


def test_each_copy_has_its_number_by_its_place_in_the_volume(cluster):
    names = [successor.pending_attribute(cluster, cluster.nodes[name]) for name in ("mail01", "mail02", "storage01")]
    assert names == ["trusted.afr.mail-client-0", "trusted.afr.mail-client-1", "trusted.afr.mail-client-2"]


def test_a_brick_is_told_what_another_copy_lacks_once_or_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept: dict[str, bytes] = {}
    monkeypatch.setattr(os, "setxattr", lambda _, name, value: kept.update({name: value}))  # only root may set these
    index = tmp_path / ".glusterfs" / "indices" / "xattrop"
    index.mkdir(parents=True)
    (index / "xattrop-0d2c4f5e").touch()
    for _ in range(2):
        blame(tmp_path, "trusted.afr.mail-client-2")
    assert kept == {"trusted.afr.mail-client-2": bytes.fromhex("000000010000000100000001")}
    assert sorted(entry.name for entry in index.iterdir()) == [
        "00000000-0000-0000-0000-000000000001", "xattrop-0d2c4f5e",
    ]
