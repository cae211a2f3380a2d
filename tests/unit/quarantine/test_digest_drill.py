"""The drill finds the link of one letter in a list as Relevo makes it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from relevo.directory.quarantine.digest.letter import letter
from relevo.drills.daily_list import link_in
from relevo.errors import DrillError
from tests.unit.quarantine.test_digest_letter import PLACE, made


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_link_of_one_letter(language: str) -> None:
    told = [
        (made(subject="refused drill0123456789abcdef"), "ONE"), (made(subject="listed drillfedcba9876543210"), "TWO"),
        (made(subject="program drill1111", kind="attachment"), ""),
    ]
    raw = letter(PLACE, "ana@example.org", language, datetime(2026, 11, 29, tzinfo=UTC), told)
    assert link_in(raw, "drillfedcba9876543210") == "https://mail.example.org/account/release/?t=TWO"
    for token in ("drill1111", "drillnone"):
        with pytest.raises(DrillError):
            link_in(raw, token)
