"""A client that has lost a copy is found out by its connections: real sockets of this very process."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from relevo.agent.probe import COPIES_REACHED, Deadline, Measured, ProbeFailed
from relevo.services.glusterfs import clients, health
from relevo.services.glusterfs.clients import Reach
from relevo.services.storage import settings as storage_settings


def test_the_mounts_file_is_the_one_that_the_storage_unit_writes():
    assert health.MOUNT_PID_FILE == storage_settings.PID_FILE


@pytest.mark.parametrize(("kind", "roles", "asked"), [
    ("glusterfs", "mail", True), ("nfs", "mail", False), ("glusterfs", "storage", False),
])
def test_the_mount_is_asked_only_where_the_mail_is_on_the_volume(kind: str, roles: str, *, asked: bool):
    """Beside another store, while mail is moved, there is no mount of it, and the store's unit is not its own."""
    config = {
        "storage_kind": kind, "roles": roles, "storage_volume": "mail", "storage_brick": "/b", "address": "10.0.0.11",
        "gluster_brick_ports": "49152:49251", "peers": "[]", "storage_unit": "relevo-storage.service",
    }
    assert ("mount" in {probe.name for probe in health.probes(config)}) is asked


def reach(tmp_path: Path, *bricks: str, port: int) -> Reach:
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    return Reach("the mount", str(tmp_path / "pid"), bricks, range(port, port + 1))


def test_each_copy_is_told_by_its_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(clients, "_MANAGEMENT_PORT", port)
        one = reach(tmp_path, "127.0.0.1", port=port)
        with pytest.raises(ProbeFailed, match=r"no connection to the copy on 127\.0\.0\.1"):
            one.check(Deadline(5))
        with socket.create_connection(("127.0.0.1", port)):
            assert one.reached() == {"127.0.0.1"}
            assert one.check(Deadline(5)) == "1 copies"


def test_a_copy_that_is_there_may_be_found_again_for_a_while_but_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(clients, "_MANAGEMENT_PORT", port)
        (tmp_path / "pid").write_text(f"{os.getpid()}\n")
        clock = [1000.0]
        monkeypatch.setattr(clients, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        one = Reach("the mount", str(tmp_path / "pid"), ["127.0.0.1"], range(port, port + 1), patience=15)
        clock[0] += 14
        told = one.check(Deadline(5))
        assert isinstance(told, Measured)
        assert told.figures == {COPIES_REACHED: {"": 0.0}}
        clock[0] += 1
        with pytest.raises(ProbeFailed, match="no connection"):
            one.check(Deadline(5))


def test_a_machine_that_is_away_is_no_fault_of_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setattr(clients, "_MANAGEMENT_PORT", port)
    assert reach(tmp_path, "127.0.0.1", port=port).check(Deadline(5)) == "0 copies"


def test_a_client_that_does_not_run_is_said(tmp_path: Path):
    with pytest.raises(ProbeFailed, match="the mount does not run"):
        Reach("the mount", str(tmp_path / "none"), ["127.0.0.1"], range(1)).check(Deadline(5))
