"""The nightly copy of the accounts."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from relevo.agent.probe import ProbeFailed
from relevo.services.accounts_backup import settings
from relevo.services.accounts_backup.copy import CopyFailed, copy, dump_command, expired, verify
from relevo.services.accounts_backup.health import _FOLDER, _PREFIX, _SUFFIX, judge
from relevo.services.accounts_backup.render import render
from tests.unit.services.golden import check_golden

NOW = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC
WHOLE = "CREATE TABLE `x` (`i` int);\n-- Dump completed on 2027-01-15  8:00:00\n"


def test_files(context):
    check_golden("accounts_backup", context("storage01"))


def test_the_password_is_only_in_a_secret_file(context):
    for file in render(context("storage01")):
        has_password = "secret-database-backup" in file.data.decode()
        assert has_password == file.secret == (file.mode == 0o600)


def test_the_password_is_on_no_command_line():
    command = dump_command("192.168.100.12", "/etc/relevo/accounts-backup.cnf")
    assert command[1] == "--defaults-extra-file=/etc/relevo/accounts-backup.cnf"
    assert not any("password" in word for word in command)


@pytest.mark.parametrize(("text", "good"), [(WHOLE, True), ("", False), (WHOLE.splitlines()[0], False)])
def test_only_a_whole_dump_is_a_copy(tmp_path: Path, text, good):
    path = tmp_path / "copy.gz"
    path.write_bytes(gzip.compress(text.encode()))
    if good:
        verify(path)
    else:
        with pytest.raises(CopyFailed):
            verify(path)


def test_a_truncated_file_is_no_copy(tmp_path: Path):
    path = tmp_path / "copy.gz"
    path.write_bytes(gzip.compress(WHOLE.encode() * 50)[:-20])
    with pytest.raises((CopyFailed, EOFError)):
        verify(path)


def _fake_dump(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program named mariadb-dump first in the PATH."""
    program = folder / "bin" / "mariadb-dump"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_a_copy_is_private_and_named_by_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _fake_dump(tmp_path, monkeypatch, f"printf '%s' '{WHOLE}'")
    made = copy(["192.168.100.12"], tmp_path / "copies", "/c", NOW)
    assert made.name == "accounts-20270115T080000Z.sql.gz"
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.parent.stat().st_mode & 0o777 == 0o700
    assert gzip.decompress(made.read_bytes()).decode() == WHOLE


def test_the_second_node_is_asked_when_the_first_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _fake_dump(
        tmp_path, monkeypatch,
        f"case \"$*\" in *100.12*) echo half; echo 'server has gone away' >&2; exit 2;; esac\nprintf '%s' '{WHOLE}'",
    )
    made = copy(["192.168.100.12", "192.168.100.11"], tmp_path / "copies", "/c", NOW)
    assert [entry.name for entry in made.parent.iterdir()] == [made.name]


def test_when_no_node_gives_a_whole_dump_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _fake_dump(tmp_path, monkeypatch, "echo half")
    with pytest.raises(CopyFailed, match="breaks off"):
        copy(["192.168.100.12"], tmp_path / "copies", "/c", NOW)
    assert list((tmp_path / "copies").iterdir()) == []


def test_old_copies_go_and_the_newest_stays():
    names = [f"accounts-202701{day:02d}T023000Z.sql.gz" for day in range(1, 16)]
    assert expired([*names, ".accounts-partial", "notes.txt"], NOW, 7) == names[:8]
    assert expired(names[:1], NOW, 7) == []
    assert expired(names[:3], NOW + 90 * 86400, 7) == names[:2]


def test_health_looks_where_the_copies_are():
    assert settings.FOLDER.endswith(_FOLDER)
    assert (settings.PREFIX, settings.SUFFIX) == (_PREFIX, _SUFFIX)


def test_health_wants_a_copy_of_the_last_night():
    assert judge(NOW - 3600, NOW) == "1 h old"
    for newest in (0.0, NOW - 27 * 3600):
        with pytest.raises(ProbeFailed):
            judge(newest, NOW)
