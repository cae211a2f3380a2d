from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from relevo.errors import LabError
from relevo.lab import host
from relevo.lab.host import memory_of, scope
from relevo.lab.nspawn.machine import number_in_container

HYBRID = """\
tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
"""
UNIFIED = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n"


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def show(text: str) -> None:
        (tmp_path / "mounts").write_text(text)
        monkeypatch.setattr(host, "_MOUNTS", tmp_path / "mounts")

    return show


def test_a_hybrid_computer_has_three_hierarchies_for_us(mounts) -> None:
    mounts(HYBRID)
    assert host.cgroup_mounts() == {
        "v2": Path("/sys/fs/cgroup/unified"),
        "memory": Path("/sys/fs/cgroup/memory"),
        "name=systemd": Path("/sys/fs/cgroup/systemd"),
    }


def test_an_ordinary_computer_has_one(mounts) -> None:
    mounts(UNIFIED)
    assert host.cgroup_mounts() == {"v2": Path("/sys/fs/cgroup")}


def test_without_version_2_there_is_no_lab(mounts) -> None:
    mounts("cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n")
    with pytest.raises(LabError, match="version 2"):
        host.cgroup_mounts()


def test_a_lab_has_a_slice_of_its_own(mounts) -> None:
    mounts(UNIFIED)
    group = scope("relevo-12ab34", "relevo-12ab34-mail01")
    assert group == Path("/sys/fs/cgroup/relevo_12ab34.slice/relevo-12ab34-mail01.scope")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cache 900\nrss 100\ntotal_cache 900\ntotal_rss 300\n", 300), ("anon 4096\nfile 8192\n", 4096), ("file 1\n", 0)],
)
def test_memory_is_without_page_cache(tmp_path: Path, text: str, expected: int) -> None:
    (tmp_path / "memory.stat").write_text(text)
    assert memory_of(tmp_path) == expected


def test_memory_is_zero_where_the_kernel_does_not_count(tmp_path: Path) -> None:
    assert memory_of(tmp_path) == 0


def test_processes_outside_of_containers_have_no_number_in_one() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert number_in_container(os.getpid()) is None
    assert number_in_container(ended.pid) is None
