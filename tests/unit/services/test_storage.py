"""The mail store's mount, and the probe whose child touches it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.agent.probe import Deadline, NoRoom, ProbeFailed
from relevo.cluster.wires import MAIL_MOUNT
from relevo.services.storage import touch
from relevo.services.storage.health import StoreProbe
from relevo.services.storage.render import render
from relevo.services.storage.settings import mount_command, packages
from tests.unit.services.golden import GOLDEN, check_golden


def _with_storage(context, **keys):
    ctx = context("mail01")
    storage = ctx.cluster.storage.model_copy(update=keys)
    return replace(ctx, cluster=ctx.cluster.model_copy(update={"storage": storage}))


@pytest.mark.parametrize("node", ["mail01", "mail02"])
def test_files(context, node):
    check_golden("storage", context(node))


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("nfs", {}),
        (
            "external",
            {
                "external_source": "10.1.1.1:6789:/mail", "external_type": "ceph",
                "external_options": "name=relevo,secretfile=/etc/ceph/relevo",
            },
        ),
    ],
)
def test_unit_of_the_other_kinds(context, kind, keys):
    text = render(_with_storage(context, kind=kind, **keys))[0].data.decode()
    golden = GOLDEN / "storage" / f"{kind}.service"
    if os.environ.get("RELEVO_GOLDEN") == "write":
        golden.write_text(text)
    assert text == golden.read_text()


def test_each_kind_has_its_client(context):
    assert "glusterfs-client" in packages(context("mail01"))
    assert "nfs-common" in packages(_with_storage(context, kind="nfs"))


def test_the_new_store_is_laid_ready_beside_the_old_one(context):
    ctx = _with_storage(context, kind="glusterfs", moving_to="nfs")
    mount, new = render(ctx)
    assert mount == render(_with_storage(context, kind="glusterfs"))[0], "or the mount would be made anew"
    assert new.path == "/etc/systemd/system/relevo-next-store.service"
    assert "mount -t nfs4" in new.data.decode()
    assert "192.168.100.10:/ /srv/relevo/next" in new.data.decode()
    assert {"glusterfs-client", "nfs-common", "rsync"} <= set(packages(ctx))
    back = render(_with_storage(context, kind="nfs", moving_to="glusterfs"))[1].data.decode()
    assert "PIDFile=/run/relevo-next-store.pid" in back
    assert "ExecStart=/usr/sbin/glusterfs" in back


def test_a_store_that_the_mail_has_left_is_not_mounted(context):
    text = render(_with_storage(context, kind="nfs"))[0].data.decode()
    assert "\nAssertPathExists=!/var/lib/relevo/left-nfs\n" in text.partition("[Service]")[0]


def test_a_mount_survives_the_death_of_its_own_volfile_server(context):
    ctx = context("mail02")
    command = mount_command(ctx.cluster, ctx.node)
    servers = [word.partition("=")[2] for word in command if word.startswith("--volfile-server=")]
    assert servers == ["localhost", "192.168.100.11", "192.168.100.10"]
    assert command[-1] == MAIL_MOUNT


def test_the_kernel_remembers_names_for_less_than_a_takeover(context):
    command = mount_command(context("mail01").cluster, context("mail01").node)
    assert {"--attribute-timeout=1", "--entry-timeout=1", "--negative-timeout=1"} <= set(command)


def test_touch_on_a_mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os.path, "ismount", lambda _: True)
    assert touch.touch(str(tmp_path), str(tmp_path)) == "ok"
    assert list(tmp_path.iterdir()) == []


def test_an_empty_mount_point_is_no_store(tmp_path: Path):
    assert touch.touch(str(tmp_path), str(tmp_path)) == f"nothing is mounted at {tmp_path}"


def _probe(mount: str, folder: Path) -> StoreProbe:
    return StoreProbe(mount, str(folder))


def test_the_probe_uses_one_child_for_all_checks(tmp_path: Path):
    probe = _probe("/", tmp_path)
    try:
        assert {probe.check(Deadline(10)) for _ in range(3)} == {"written and read"}
        assert probe._child is not None  # noqa: SLF001 - that there is one child is the point
        first = probe._child.pid  # noqa: SLF001
        probe.check(Deadline(10))
        assert probe._child.pid == first  # noqa: SLF001
    finally:
        probe.close()


def test_the_probe_tells_what_is_wrong(tmp_path: Path):
    probe = _probe("/", tmp_path / "missing")
    try:
        with pytest.raises(ProbeFailed, match="No such file"):
            probe.check(Deadline(10))
        (tmp_path / "missing").mkdir()
        assert probe.check(Deadline(10)) == "written and read"
    finally:
        probe.close()


def test_a_full_store_is_there_all_the_same(tmp_path: Path):
    (tmp_path / "probe").symlink_to("/dev/full")  # each write to it says: no space left on device
    probe = StoreProbe("/", str(tmp_path))
    try:
        said = probe.check(Deadline(10))
        assert said == "readable, but full"
        assert isinstance(said, NoRoom)
    finally:
        probe.close()


def test_a_hanging_child_fails_at_the_deadline_and_is_replaced_once_it_ends(tmp_path: Path):
    probe = _probe("/", tmp_path)
    try:
        probe.check(Deadline(10))
        child = probe._child  # noqa: SLF001 - the child is made to hang as a dead store would
        assert child is not None
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(ProbeFailed, match="in time"):
            probe.check(Deadline(0.2))
        child.wait(10)
        assert probe.check(Deadline(10)) == "written and read"
    finally:
        probe.close()


def test_the_child_needs_nothing_of_relevo(tmp_path: Path):
    script = touch.__file__
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, "/", str(tmp_path)],
        input="touch\ntouch\n", capture_output=True, text=True, timeout=20, check=True,
    )
    assert done.stdout == "ok\nok\n"


@pytest.mark.parametrize(
    ("options", "mounted"),
    [
        ("vers=4.1", "vers=4.1,actimeo=1"),
        ("vers=4.1,acdirmax=5", "vers=4.1,acdirmax=5"),
        ("noac,hard", "noac,hard"),
    ],
)
def test_nfs_remembers_folders_for_a_second_unless_the_operator_says_otherwise(context, options, mounted):
    told = {"external_source": "nas:/m", "external_type": "nfs4", "external_options": options}
    ctx = _with_storage(context, kind="external", **told)
    assert mount_command(ctx.cluster, ctx.node)[4] == mounted
