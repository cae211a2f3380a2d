"""The NFS server. A kernel that has one is needed to run it; what is here needs none."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from relevo.agent.probe import ProbeFailed
from relevo.deploy.shell import CommandFailed
from relevo.services import nfs
from relevo.services.nfs import export
from relevo.services.nfs.deploy import parse_exported
from relevo.services.nfs.health import judge, null_call
from relevo.services.nfs.render import render
from tests.unit.services.golden import check_golden


def test_files(context):
    check_golden("nfs", context("storage01"))


def test_only_the_mail_nodes_may_mount(context):
    exported = parse_exported(render(context("storage01"))[0].data.decode())
    assert exported == {("/srv/relevo/export", "192.168.100.11"), ("/srv/relevo/export", "192.168.100.12")}


def test_what_the_kernel_exports_is_compared_without_the_options_it_adds():
    said = "/srv/relevo/export  192.168.100.11(sync,wdelay,hide,no_subtree_check,fsid=0,sec=sys,rw,no_root_squash)\n"
    assert parse_exported(said) == {("/srv/relevo/export", "192.168.100.11")}


def test_it_is_there_only_with_its_kind_of_storage(cluster):
    assert not nfs.SERVICE.runs_on(cluster, cluster.storage_node)
    other = cluster.model_copy(update={"storage": cluster.storage.model_copy(update={"kind": "nfs"})})
    assert nfs.SERVICE.runs_on(other, other.storage_node)


def test_the_export_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.chown", lambda *_: None)
    directory, note = tmp_path / "export", tmp_path / "state" / "note"
    assert export.needed(directory, note) == f"make {directory}"
    export.make(directory, note)
    assert export.needed(directory, note) is None


def test_an_export_whose_disk_is_not_mounted_is_not_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.chown", lambda *_: None)
    directory, note = tmp_path / "export", tmp_path / "note"
    export.make(directory, note)
    (directory / ".relevo-export").unlink()
    with pytest.raises(CommandFailed, match="mounted"):
        export.needed(directory, note)


def test_null_call_of_nfs_version_4():
    words = struct.unpack("!11I", null_call())
    assert words[0] == 1 << 31 | 40
    assert words[3:7] == (2, 100003, 4, 0)


def test_answers_to_the_null_call():
    number = struct.unpack("!11I", null_call())[1]
    assert judge(struct.pack("!7I", 1 << 31 | 24, number, 1, 0, 0, 0, 0)) == "answers"
    for bad in (b"", struct.pack("!7I", 1 << 31 | 24, number, 1, 1, 0, 0, 0)):
        with pytest.raises(ProbeFailed):
            judge(bad)
