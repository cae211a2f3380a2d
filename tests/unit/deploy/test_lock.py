from __future__ import annotations

from pathlib import Path

import pytest

from relevo.deploy.lock import acquire
from relevo.errors import LockedError


def test_a_second_one_is_refused_and_told_who_has_it(tmp_path: Path):
    path = tmp_path / "lock"
    with acquire("ana@laptop", "upgrade", path), pytest.raises(LockedError, match=r"ana@laptop since .* \(upgrade\)"):
        acquire("luis@laptop", "apply", path, patience=0)


def test_it_is_free_again_when_its_holder_is_gone(tmp_path: Path):
    path = tmp_path / "lock"
    acquire("ana@laptop", "upgrade", path).close()
    acquire("luis@laptop", "apply", path, patience=0).close()
