"""What comes next when the mail moves to another kind of storage, from every state in which it may be interrupted."""

from __future__ import annotations

import itertools

import pytest

from relevo.cluster.model import StorageSection
from relevo.errors import RelevoError
from relevo.operate.storage_move import Place, Step, both, next_step

GLUSTER = StorageSection()
NFS = StorageSection(kind="nfs")
APPLIANCE = StorageSection(kind="external", external_source="10.0.0.5:/mail", external_type="nfs4")
BUILDING = both(GLUSTER, NFS)


def at(node: str, store: StorageSection, mounts: str, *, serves: bool = True) -> Place:
    return Place(node, store, mounts, serves)


def step(one: tuple[StorageSection, str, bool], other: tuple[StorageSection, str, bool]) -> Step:
    places = [at(name, store, mounts, serves=serves) for name, (store, mounts, serves) in
              (("mail01", one), ("mail02", other))]
    return next_step(places, NFS)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((GLUSTER, "glusterfs", True), (GLUSTER, "glusterfs", True), Step.BEGIN),
        ((BUILDING, "glusterfs", True), (GLUSTER, "glusterfs", True), Step.BEGIN),
        ((BUILDING, "glusterfs", True), (BUILDING, "glusterfs", True), Step.BEGIN),
        ((BUILDING, "glusterfs", True), (BUILDING, "glusterfs", False), Step.RESUME),
        ((BUILDING, "glusterfs", False), (BUILDING, "glusterfs", False), Step.RESUME),
        ((NFS, "glusterfs", False), (BUILDING, "glusterfs", False), Step.SWITCH),
        ((NFS, "glusterfs", False), (NFS, "glusterfs", False), Step.SWITCH),
        ((NFS, "nfs", True), (BUILDING, "glusterfs", False), Step.SWITCH),
        ((NFS, "nfs", True), (NFS, "glusterfs", False), Step.SWITCH),
        ((NFS, "nfs", True), (NFS, "nfs", False), Step.SWITCH),
        ((BUILDING, "nfs", True), (BUILDING, "glusterfs", True), Step.SWITCH),
        ((NFS, "nfs", True), (NFS, "nfs", True), Step.NOTHING),
    ],
)
def test_what_comes_next(one, other, expected):
    assert step(one, other) is expected
    assert step(other, one) is expected


def test_no_store_that_may_have_taken_mail_is_copied_over():
    states = [(store, mounts, serves) for store in (GLUSTER, BUILDING, NFS) for mounts in ("glusterfs", "nfs")
              for serves in (True, False)]
    for one, other in itertools.product(states, states):
        if {one[1], other[1]} == {"nfs"} or "nfs" in {one[0].kind, other[0].kind, one[1], other[1]}:
            assert step(one, other) not in {Step.BEGIN, Step.RESUME}


def test_services_that_fail_before_any_move_are_no_interrupted_one():
    assert step((GLUSTER, "glusterfs", False), (GLUSTER, "glusterfs", True)) is Step.BEGIN


def test_another_place_of_the_same_kind_is_refused():
    other = StorageSection(kind="nfs", export="/srv/other")
    with pytest.raises(RelevoError, match=r'put export = "/srv/other" back'):
        next_step([at("mail01", other, "nfs"), at("mail02", other, "nfs")], NFS)


def test_mail_nodes_with_different_stores_are_refused():
    with pytest.raises(RelevoError, match="do not have the same mail store"):
        next_step([at("mail01", GLUSTER, "glusterfs"), at("mail02", APPLIANCE, "external")], NFS)


@pytest.mark.parametrize(("old", "new"), [*itertools.permutations((GLUSTER, NFS, APPLIANCE), 2)])
def test_both_stores_keep_their_own_keys(old: StorageSection, new: StorageSection):
    table = both(old, new)
    assert (table.kind, table.place) == (old.kind, old.place)
    assert set(table.kinds) == {old.kind, new.kind}
    assert (table.coming.kind, table.coming.place) == (new.kind, new.place)
    assert table.coming.moving_to == ""


def test_the_old_stores_place_is_what_the_machines_say():
    old = StorageSection(brick="/data/brick")
    assert both(old, APPLIANCE).brick == "/data/brick"
    assert both(APPLIANCE, NFS).external_source == "10.0.0.5:/mail"
