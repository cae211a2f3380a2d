from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from relevo.cluster.model import Cluster
from relevo.lab import image
from relevo.lab.packages import image_packages


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(image, "CACHE", tmp_path)
    return tmp_path


def test_other_packages_are_another_image() -> None:
    assert image.image_path(["a"]) == image.image_path(["a"])
    assert image.image_path(["a"]) != image.image_path(["a", "b"])


def test_each_suite_has_its_own_image_which_says_so() -> None:
    older, newer = image.image_path(["a"], "bookworm"), image.image_path(["a"])
    assert (image.suite_of(older), image.suite_of(newer)) == ("bookworm", "trixie")


def test_one_image_serves_every_kind_of_storage_and_dhcp(cluster: Cluster) -> None:
    nfs = cluster.model_copy(update={"storage": cluster.storage.model_copy(update={"kind": "nfs"})})
    assert image_packages(cluster) == image_packages(nfs)


def test_the_image_has_what_services_and_client_want(cluster: Cluster) -> None:
    wanted = {"openssh-server", "python3-venv", "opendmarc", "mariadb-server", "keepalived"}
    assert wanted <= set(image_packages(cluster))


def test_an_image_that_is_there_is_used(cache: Path) -> None:
    path = image.image_path(["a"])
    path.mkdir()
    assert image.ensure_image(["a"], pytest.fail) == path
    assert path.parent == cache


def test_leftovers_and_unused_images_are_cleared_away(cache: Path) -> None:
    names = ("trixie-used", "trixie-forgotten", ".building-broken", ".deleted-half")
    for name in names:
        (cache / name / "usr").mkdir(parents=True)
    old = time.time() - 31 * 86400
    os.utime(cache / "trixie-forgotten", (old, old))
    image.clear_away()
    assert [path.name for path in cache.iterdir()] == ["trixie-used"]


def test_an_image_is_removed_with_all_its_files(cache: Path) -> None:
    (cache / "trixie-1/usr").mkdir(parents=True)
    image.remove_image(cache / "trixie-1")
    image.remove_image(cache / "trixie-1")
    assert list(cache.iterdir()) == []
