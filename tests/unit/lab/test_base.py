"""Which image a lab's machines stand on, and which Debian new ones get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from relevo.cluster.model import Cluster
from relevo.errors import LabError
from relevo.lab import image
from relevo.lab.base import Base
from relevo.lab.packages import image_packages


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a lab's folder; what would be built is an empty folder in a cache of its own."""
    monkeypatch.setattr(image, "CACHE", tmp_path / "cache")

    def built(packages: Sequence[str], say: Callable[[str], None], suite: str) -> Path:
        path = image.image_path(packages, suite)
        path.mkdir(parents=True, exist_ok=True)
        return path

    monkeypatch.setattr(image, "ensure_image", built)
    return tmp_path / "nodes"


def _base(nodes: Path, suite: str = "") -> Base:
    return Base(nodes, lambda _: None, suite)


def _suites(nodes: Path) -> list[str]:
    return [image.suite_of(_base(nodes).of(name)) for name in ("mail01", "mail02")]


def test_the_newest_debian_without_a_word(nodes: Path, cluster: Cluster) -> None:
    _base(nodes).prepare(cluster)
    assert _suites(nodes) == ["trixie", "trixie"]


def test_machines_keep_their_debian(nodes: Path, cluster: Cluster) -> None:
    _base(nodes, "bookworm").prepare(cluster)
    _base(nodes).prepare(cluster)
    assert _suites(nodes) == ["bookworm", "bookworm"]


def test_machines_that_are_there_are_not_made_another_debian(nodes: Path, cluster: Cluster) -> None:
    _base(nodes, "bookworm").prepare(cluster)
    with pytest.raises(LabError, match="these machines are of bookworm: `relevo lab down`"):
        _base(nodes, "trixie").prepare(cluster)


def test_one_machine_goes_before_the_others(nodes: Path, cluster: Cluster) -> None:
    _base(nodes, "bookworm").prepare(cluster)
    base = _base(nodes)
    base.renew("mail02", cluster, base.next_suite("mail02", "trixie"))
    assert _suites(nodes) == ["bookworm", "trixie"]
    assert base.next_suite("mail02", "") == "trixie"
    assert base.next_suite("mail01", "") == ""
    assert {image.suite_of(path) for path in _base(nodes).cached(cluster)} == {"bookworm", "trixie"}


def test_an_image_that_is_gone_is_said(nodes: Path, cluster: Cluster) -> None:
    _base(nodes).prepare(cluster)
    _base(nodes).of("mail01").rmdir()
    with pytest.raises(LabError, match="was deleted"):
        _base(nodes).of("mail01")


def test_an_older_image_is_said_and_used(nodes: Path, cluster: Cluster) -> None:
    said: list[str] = []
    _base(nodes).prepare(cluster)
    older = image.CACHE / "trixie-older"
    older.mkdir()
    (nodes / "image").unlink()
    (nodes / "image").symlink_to(older)
    Base(nodes, said.append, "").prepare(cluster)
    assert "an older image" in said[0]
    assert _base(nodes).of("mail01") == older
    assert _base(nodes).cached(cluster) == {older, image.image_path(image_packages(cluster))}


def test_a_suite_that_there_is_not_is_refused(nodes: Path) -> None:
    with pytest.raises(LabError, match="no lab with sid: Relevo makes them with trixie or bookworm"):
        _base(nodes, "sid")
