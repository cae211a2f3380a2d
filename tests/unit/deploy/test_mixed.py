"""Two releases in one platform: who can join whom."""

from __future__ import annotations

import pytest

from relevo.cluster.model import Cluster
from relevo.deploy.mixed import faults
from relevo.services.releases import DEBIAN_12, DEBIAN_13, UBUNTU_24_04, Release

BOTH = ("mail01", "mail02")
FINE = [
    (DEBIAN_13, DEBIAN_13, BOTH),
    (DEBIAN_12, DEBIAN_12, BOTH),
    (DEBIAN_12, UBUNTU_24_04, BOTH),  # the same MariaDB
    (DEBIAN_12, DEBIAN_13, BOTH),  # the older one makes the accounts, the newer one joins
    (DEBIAN_12, DEBIAN_13, ["mail02"]),  # the way to 13: a bare machine in the place of one of Debian 12
    (DEBIAN_13, DEBIAN_12, ["mail01"]),
    (DEBIAN_13, DEBIAN_12, []),  # both are part of the platform, the newer one joined the older
]


@pytest.fixture
def elsewhere(cluster: Cluster) -> Cluster:
    """Return a cluster whose mail is on a store outside, so that only the accounts matter."""
    return cluster.with_storage(cluster.storage.model_copy(update={"kind": "external", "external_source": "nas:/mail"}))


@pytest.mark.parametrize(("mail01", "mail02", "new"), FINE)
def test_a_newer_database_joins_an_older_one(
    elsewhere: Cluster, mail01: Release, mail02: Release, new: list[str]
) -> None:
    assert list(faults(elsewhere, {"mail01": mail01, "mail02": mail02}, new)) == []


@pytest.mark.parametrize(
    ("mail01", "mail02", "new", "unfit"),
    [
        (DEBIAN_13, DEBIAN_12, ["mail02"], "mail02"),
        (DEBIAN_13, UBUNTU_24_04, ["mail02"], "mail02"),
        (DEBIAN_13, DEBIAN_12, BOTH, "mail02"),  # mail01 makes the accounts
        (DEBIAN_12, DEBIAN_13, ["mail01"], "mail01"),
    ],
)
def test_an_older_one_can_not_join_a_newer_one(
    elsewhere: Cluster, mail01: Release, mail02: Release, new: list[str], unfit: str
) -> None:
    (fault,) = faults(elsewhere, {"mail01": mail01, "mail02": mail02}, new)
    assert fault.startswith(f"{unfit}: it runs ")
    assert "MariaDB 10.11 can't take the accounts over from 11.8; install Debian 13 on it" in fault


def test_what_did_not_answer_or_is_not_known_is_told_elsewhere(cluster: Cluster) -> None:
    assert list(faults(cluster, {"mail01": DEBIAN_13}, ["mail02"])) == []
    assert list(faults(cluster, {"mail01": DEBIAN_13, "mail02": Release("debian", "11")}, ["mail02"])) == []


def _all(mail01: Release, mail02: Release, storage01: Release) -> dict[str, Release]:
    return {"mail01": mail01, "mail02": mail02, "storage01": storage01}


@pytest.mark.parametrize(
    ("releases", "new", "unfit"),
    [
        (_all(DEBIAN_12, DEBIAN_12, DEBIAN_12), ["mail01", "mail02", "storage01"], []),
        (_all(DEBIAN_12, DEBIAN_13, DEBIAN_12), ["mail02"], ["mail02"]),
        (_all(DEBIAN_12, DEBIAN_12, DEBIAN_13), ["storage01"], ["storage01"]),
        (_all(DEBIAN_12, DEBIAN_13, DEBIAN_13), ["mail01", "mail02", "storage01"], ["mail02", "storage01"]),
        (_all(DEBIAN_12, DEBIAN_13, DEBIAN_12), [], []),  # nobody is helped by a refusal where it is done already
        (_all(DEBIAN_13, DEBIAN_13, UBUNTU_24_04), ["storage01"], []),  # the same GlusterFS
    ],
)
def test_one_volume_is_served_by_one_version(
    cluster: Cluster, releases: dict[str, Release], new: list[str], unfit: list[str]
) -> None:
    found = list(faults(cluster, releases, new))
    assert [fault.partition(":")[0] for fault in found] == unfit
    assert all("GlusterFS" in fault and "relevo storage move" in fault for fault in found)
