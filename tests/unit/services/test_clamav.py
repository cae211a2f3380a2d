from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from relevo.agent.probe import ProbeFailed
from relevo.services.base import Context
from relevo.services.clamav.health import judge, signatures_made
from relevo.services.clamav.render import render
from relevo.services.clamav.settings import EICAR
from tests.unit.services.golden import check_golden

MADE = 1_795_000_000.0
DAY = 86400


def _database(folder: Path, name: str, made: float = MADE) -> None:
    header = f"ClamAV-VDB:18 Nov 2026 04-26 -0500:27500:2077777:90:md5:signature:builder:{made:.0f}"
    folder.joinpath(name).write_bytes(header.encode().ljust(512) + b"\x1f\x8b...")


def test_golden(context: Callable[[str], Context]) -> None:
    check_golden("clamav", context("mail01"))


def test_the_signature_is_that_of_the_standard_test_file(context: Callable[[str], Context]) -> None:
    digest = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"  # as published for eicar.com
    assert hashlib.sha256(EICAR.encode()).hexdigest() == digest
    signature = next(file for file in render(context("mail01")) if file.path.endswith(".ndb"))
    assert bytes.fromhex(str(signature.content).strip().rsplit(":", 1)[1]).decode() == EICAR


def test_the_newest_database_counts(tmp_path: Path) -> None:
    assert signatures_made(tmp_path) is None
    _database(tmp_path, "daily.cvd", MADE - DAY)
    _database(tmp_path, "daily.cld", MADE)
    assert signatures_made(tmp_path) == MADE


def test_a_damaged_database_counts_as_none(tmp_path: Path) -> None:
    tmp_path.joinpath("daily.cvd").write_bytes(b"half a download")
    assert signatures_made(tmp_path) is None


def test_old_or_missing_signatures_are_said(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="no official virus signatures"):
        judge(tmp_path, MADE)
    _database(tmp_path, "daily.cvd")
    assert judge(tmp_path, MADE + 7 * DAY) == "7 days old"
    with pytest.raises(ProbeFailed, match="8 days old"):
        judge(tmp_path, MADE + 8 * DAY)
