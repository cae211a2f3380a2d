"""The replicated volume: Gluster's own answers in, what is to be done out."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from relevo.cluster.ports import PORTS
from relevo.cluster.wires import LOCAL_PORTS
from relevo.deploy.shell import CommandFailed
from relevo.services import glusterfs
from relevo.services.glusterfs import brick, volume
from relevo.services.glusterfs.render import daemon_file
from relevo.services.glusterfs.settings import bricks, packages, volume_options
from tests.unit.services.golden import GOLDEN, check_golden

ANSWERS = GOLDEN / "glusterfs" / "answers"  # taken from GlusterFS 11.1
BRICKS = ("192.168.100.11:/srv/relevo/brick", "192.168.100.12:/srv/relevo/brick", "192.168.100.10:/srv/relevo/brick")


def answer(name: str) -> str:
    return (ANSWERS / f"{name}.xml").read_text()


@pytest.mark.parametrize("node", ["mail01", "mail02", "storage01"])
def test_files(context, node):
    check_golden("glusterfs", context(node))


def test_the_arbiter_is_the_storage_machine(cluster):
    assert bricks(cluster) == BRICKS


def test_the_client_is_only_where_mail_is(context):
    assert "glusterfs-client" in packages(context("mail01"))
    assert "glusterfs-client" not in packages(context("storage01"))


def test_the_first_mail_node_comes_last(cluster):
    assert glusterfs.SERVICE.first is not None
    assert [sorted(wave) for wave in glusterfs.SERVICE.first(cluster)] == [["mail02", "storage01"], ["mail01"]]


def test_only_the_three_machines_may_mount(cluster):
    allowed = volume_options(cluster)["auth.allow"].split(",")
    assert set(allowed) == {"127.0.0.1", "192.168.100.10", "192.168.100.11", "192.168.100.12"}


def test_a_dead_machine_is_noticed_in_two_seconds_and_nobody_writes_without_a_majority(cluster):
    options = volume_options(cluster)
    assert float(options["network.ping-timeout"]) <= 2
    assert float(options["server.tcp-user-timeout"]) <= 2
    assert options["cluster.quorum-type"] == "auto"
    assert options["cluster.server-quorum-type"] == "server"


def test_a_volume_as_gluster_describes_it(cluster):
    found = volume.parse_volume(answer("info"))
    assert found is not None
    assert found.status == "Started"
    assert found.bricks == BRICKS
    assert {name: found.options.get(name) for name in volume_options(cluster)} == volume_options(cluster)


def test_no_volume():
    assert volume.parse_volume(answer("none")) is None


def test_peers():
    assert volume.parse_peers(answer("peers")) == {"192.168.100.12": True, "192.168.100.10": True}


@pytest.mark.parametrize(("old", "new"), [("<connected>1", "<connected>0"), ("<state>3", "<state>4")])
def test_a_peer_that_is_gone_or_not_yet_a_member_does_not_count(old, new):
    peers = volume.parse_peers(answer("peers").replace(old, new, 1))
    assert peers == {"192.168.100.12": False, "192.168.100.10": True}


def test_what_is_still_to_be_copied():
    assert volume.parse_heal_counts((ANSWERS / "heal-count-whole.txt").read_text()) == (0, 0, 0)
    assert volume.parse_heal_counts((ANSWERS / "heal-count-behind.txt").read_text()) == (4, 4)  # the third is offline


@pytest.mark.parametrize(
    ("offline", "counts", "verdicts"),
    [((), "whole", (True, True)), ((), "behind", (False, False)), (BRICKS[:1], "behind", (False, True)),
     (BRICKS[1:2], "behind", (False, False)), (BRICKS[:2], "behind", (False, False))],
)
def test_a_brick_may_end_only_when_the_others_have_everything(cluster, monkeypatch, offline, counts, verdicts):
    text = (ANSWERS / f"heal-count-{counts}.txt").read_text()
    monkeypatch.setattr(volume, "offline", lambda _: list(offline))
    monkeypatch.setattr(volume, "run", lambda _: text)
    assert (volume.is_whole(cluster), volume.can_do_without(cluster, BRICKS[0])) == verdicts


def test_bricks_have_ports_of_their_own(context):
    text = daemon_file().data.decode()
    base, top = (int(re.findall(rf"option {name} +(\d+)", text)[0]) for name in ("base-port", "max-port"))
    last_outgoing = int(LOCAL_PORTS.split()[1])
    assert last_outgoing < base < top
    assert f"{base}:{top}" in {port.number for port in PORTS}


def test_bricks_that_are_online():
    assert set(BRICKS) <= volume.parse_online(answer("status"))
    offline = answer("status").replace("<status>1</status>", "<status>0</status>")
    assert not set(BRICKS) & volume.parse_online(offline)


@pytest.fixture
def attributes(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Stand for trusted attributes, which only root may set."""
    kept: dict[str, bytes] = {}
    monkeypatch.setattr(os, "listxattr", lambda _: list(kept))
    monkeypatch.setattr(os, "setxattr", lambda _, name, value: kept.update({name: value}))
    monkeypatch.setattr(os, "removexattr", lambda _, name: kept.pop(name))
    return kept


def test_a_brick_is_made_once(tmp_path: Path, attributes):
    path, unknown = tmp_path / "brick", tmp_path / "vols" / "mail"
    assert brick.needed(path, unknown) == f"make {path}"
    brick.make(path)
    assert path.is_dir()
    assert attributes == {}
    assert brick.needed(path, unknown) is None


def test_marks_of_an_interrupted_installation_are_cleared(tmp_path: Path, attributes):
    attributes["trusted.glusterfs.volume-id"] = b"1"
    (tmp_path / "brick" / ".glusterfs").mkdir(parents=True)
    assert "interrupted" in str(brick.needed(tmp_path / "brick", tmp_path / "vols"))
    brick.make(tmp_path / "brick")
    assert attributes == {}


def test_files_of_an_unknown_volume_are_never_touched(tmp_path: Path, attributes):
    attributes["trusted.glusterfs.volume-id"] = b"1"
    (tmp_path / "brick" / "mailboxes").mkdir(parents=True)
    with pytest.raises(CommandFailed, match="mailboxes"):
        brick.needed(tmp_path / "brick", tmp_path / "vols")


@pytest.mark.parametrize("exists", [True, False])
def test_a_brick_whose_disk_is_not_mounted_is_not_made_anew(tmp_path: Path, attributes, exists):
    (tmp_path / "vols").mkdir()
    if exists:
        (tmp_path / "brick").mkdir()
    with pytest.raises(CommandFailed, match="mounted"):
        brick.needed(tmp_path / "brick", tmp_path / "vols")


def test_the_brick_of_a_successor_may_be_missing(tmp_path: Path, attributes):
    (tmp_path / "vols").mkdir()
    path = tmp_path / "brick"
    assert brick.needed(path, tmp_path / "vols", successor=True) == f"make {path}"
    brick.make(path)
    assert brick.needed(path, tmp_path / "vols", successor=True) is None
    brick.mark(path, "f34068d8-b5bc-4aba-94fd-272d555e7f30")
    assert brick.is_bare(path)
    assert attributes["trusted.glusterfs.volume-id"].hex() == "f34068d8b5bc4aba94fd272d555e7f30"
    assert brick.needed(path, tmp_path / "vols", successor=True) is None, "its marks are not cleared"


def test_a_successor_does_not_touch_a_brick_that_holds_something(tmp_path: Path, attributes):
    (tmp_path / "vols").mkdir()
    (tmp_path / "brick").mkdir()
    (tmp_path / "brick" / "a").touch()
    with pytest.raises(CommandFailed, match="is not the brick of the volume"):
        brick.needed(tmp_path / "brick", tmp_path / "vols", successor=True)


def test_the_brick_of_a_known_volume_is_fine(tmp_path: Path, attributes):
    (tmp_path / "vols").mkdir()
    (tmp_path / "brick").mkdir()
    attributes["trusted.glusterfs.volume-id"] = b"1"
    assert brick.needed(tmp_path / "brick", tmp_path / "vols") is None


def test_a_file_system_without_attributes_is_told_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuse)
    with pytest.raises(CommandFailed, match="ext4 or xfs"):
        brick.make(tmp_path / "brick")
