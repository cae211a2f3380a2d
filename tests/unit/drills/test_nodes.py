"""What a drill does to a machine, and that all of it is undone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from relevo.cluster.model import Cluster
from relevo.drills import breaking
from relevo.drills.health import ailments
from relevo.drills.mending import revive
from relevo.drills.platform import LabPlatform, SshPlatform
from relevo.drills.vocabulary import Node, World
from relevo.drills.waiting import NotHere
from relevo.errors import DrillError, LabError
from tests.unit.drills.conftest import MemoryPlatform


@pytest.fixture
def node(world: World) -> Node:
    return world.nodes["mail01"]


def asked(platform: MemoryPlatform) -> list[str]:
    """What was asked since the last time, each in its first line."""
    lines = [line.split("\n")[0] for line in platform.asked]
    platform.asked.clear()
    return lines


def test_a_killed_unit_is_started_only_if_it_stays_away(node: Node, platform: MemoryPlatform) -> None:
    node.kill("postfix")
    assert asked(platform) == ["mail01: systemctl kill --kill-whom=main --signal=KILL postfix.service"]
    node.restore()
    assert asked(platform) == ["mail01: systemctl is-active --quiet postfix"]
    node.kill("postfix")
    platform.broken = ["is-active"]
    node.restore()
    assert "mail01: systemctl start postfix" in asked(platform)


def test_the_latest_damage_is_mended_first(world: World, node: Node, platform: MemoryPlatform) -> None:
    node.hang("dovecot")
    node.fill()
    node.block(world.nodes["storage01"])
    platform.asked.clear()
    node.restore()
    node.restore()
    assert asked(platform) == ["mail01: UNBLOCK storage01", "mail01: EMPTY /srv/relevo/brick", "mail01: THAW dovecot"]


def test_a_reboot_undoes_what_is_in_memory_only(world: World, node: Node, platform: MemoryPlatform) -> None:
    node.hang("dovecot")
    node.crash_loop("nginx")
    node.halt("glusterfsd")
    node.fill()
    node.block(world.nodes["mail02"])
    node.crash()
    platform.asked.clear()
    node.restore()
    assert asked(platform) == ["mail01: BOOT", "mail01: UNBLOCK mail02", "mail01: EMPTY /srv/relevo/brick"]


def test_what_can_not_be_mended_is_said_and_tried_again(node: Node, platform: MemoryPlatform) -> None:
    node.halt("glusterfsd")
    node.hang("dovecot")
    platform.broken = ["CONT"]
    with pytest.raises(DrillError, match="is broken"):
        node.restore()
    platform.broken = []
    platform.asked.clear()
    node.restore()
    assert ["pkill -CONT" in line for line in asked(platform)] == [True]


def test_what_does_not_come_back_is_started_anew(node: Node, platform: MemoryPlatform) -> None:
    node.kill("postfix")
    node.hang("dovecot")
    node.restore()
    platform.asked.clear()
    node.revive()
    node.revive()
    assert asked(platform) == [f"mail01: systemctl restart {unit}" for unit in ("dovecot", "postfix")]


class FakeLab:
    def freeze(self, _node: str, _unit: str = "") -> None:
        raise LabError("no running processes")

    thaw = freeze


def test_what_has_no_processes_can_not_hang_but_is_thawed() -> None:
    platform = LabPlatform(FakeLab(), Path("relevo.toml"))  # type: ignore[arg-type]
    with pytest.raises(LabError):
        platform.hang("mail01", "dovecot", hung=True)
    platform.hang("mail01", "dovecot", hung=False)


class FakeSsh:
    def __init__(self) -> None:
        self.ran: list[list[str]] = []

    def run(self, _node: object, command: list[str], **_: object) -> str:
        self.ran.append(command)
        return ""


def test_real_machines_are_broken_by_signals_and_files(cluster: Cluster) -> None:
    ssh = FakeSsh()
    platform = SshPlatform(cluster, ssh, Path("relevo.toml"))  # type: ignore[arg-type]
    platform.hang("mail01", "dovecot", hung=True)
    platform.fill("mail01", "/srv/brick", full=True)
    platform.fill("mail01", "/srv/brick", full=False)
    assert ssh.ran[0] == ["systemctl", "kill", "--kill-whom=all", "--signal=STOP", "dovecot.service"]
    assert "fallocate" in ssh.ran[1][2]
    assert ssh.ran[2][2].startswith("rm -f")
    with pytest.raises(NotHere, match="mail01"):
        platform.block("mail01", "mail02", blocked=True)


def test_a_full_disk_is_one_file_that_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".glusterfs").mkdir()
    filler = tmp_path / ".glusterfs" / "relevo-drill-fill"
    filler.write_text("full")
    subprocess.run(breaking.empty(str(tmp_path)), check=True)
    subprocess.run(breaking.empty(str(tmp_path)), check=True)
    assert not filler.exists()


def test_a_dead_disk_is_followed_by_an_empty_one(tmp_path: Path) -> None:
    brick = tmp_path / "brick"
    (brick / ".glusterfs").mkdir(parents=True)
    subprocess.run(breaking.put_empty(str(brick)), check=False, stderr=subprocess.DEVNULL)
    assert list(brick.iterdir()), "a disk that lives was emptied"
    script = breaking.lose(str(brick))[2].replace("pkill -KILL -x glusterfsd || :", "")  # not this computer's
    subprocess.run(["sh", "-c", script, str(brick)], check=True)
    assert not list(tmp_path.iterdir())
    subprocess.run(breaking.put_empty(str(brick)), check=True)
    assert brick.is_dir()
    assert not list(brick.iterdir())


@pytest.mark.parametrize("command", [
    breaking.bar("postfix"), breaking.loop("postfix"), breaking.unloop("postfix"),
    breaking.fill("/b"), breaking.empty("/b"),
    breaking.reserve(), breaking.release(), breaking.continue_process("x"), breaking.lose("/b"),
], ids=lambda command: command[2].strip()[:30])
def test_the_scripts_are_such(command: list[str]) -> None:
    subprocess.run(["sh", "-n", "-c", command[2]], check=True)
    if len(command) > 3 and "systemctl" in command[2]:
        assert command[3] == "postfix.service"


def test_who_is_drained_is_told_and_put_back(
    world: World, platform: MemoryPlatform, monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform.drained = {"mail02"}
    assert "mail02: is drained" in ailments(world.cluster, world.nodes)
    monkeypatch.setattr(World, "until_healthy", lambda _world, **_: None)
    revive(world)
    assert not platform.drained
