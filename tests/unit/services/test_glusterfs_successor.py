"""A machine in the place of a dead one: which identity it gets, and when its brick takes the lost one's place."""

from __future__ import annotations

import pytest

from relevo.errors import RelevoError
from relevo.services.glusterfs import successor
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
    ("marked", "bare", "volume"), [(False, True, object()), (True, False, object()), (True, True, None)],
)
def test_nothing_takes_a_place_but_the_bare_brick_of_a_successor(cluster, monkeypatch, marked, bare, volume):
    _given(monkeypatch, marked=marked, bare=bare, volume=volume)
    assert successor.place_needed(cluster) is None


@pytest.mark.parametrize("bare", [True, False])
def test_a_bare_brick_takes_the_place_of_the_lost_one_and_goes_on_where_that_stopped(cluster, monkeypatch, bare):
    _given(monkeypatch, marked=True, bare=bare, due=not bare, volume=object())
    assert successor.place_needed(cluster) == "take the place of the lost copy"


def _given(monkeypatch: pytest.MonkeyPatch, *, marked: bool, bare: bool, volume: object, due: bool = False) -> None:
    monkeypatch.setattr(successor, "is_successor", lambda: marked)
    monkeypatch.setattr(successor.brick, "is_bare", lambda _: bare)
    monkeypatch.setattr(successor.brick, "is_due", lambda _: due)
    monkeypatch.setattr(successor.volume, "volume", lambda: volume)
