"""The drill finds the link of one post in the mail as Relevo makes it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from relevo.directory.held.letter import letter
from relevo.directory.held.posts import post
from relevo.directory.letters import Place
from relevo.drills.promises.moderated import link_in
from relevo.errors import DrillError
from tests.unit.held.memory import stored

AT = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_link_of_one_post(language: str) -> None:
    told = []
    for number, (subject, secret) in enumerate((("held drill0123456789abcdef", "ONE"), ("held drillfedcba98", "TWO"))):
        raw = stored(f"4jcbQ71MCGz2GD3{number}", 1, subject=subject)
        found = post(number + 1, AT, len(raw), raw.partition(b"\n\n")[0])
        assert found
        told.append((found, secret))
    place = Place("mail.example.org", "example.org", "1-now")
    raw = letter(place, "ana@example.org", language, AT, told)
    assert link_in(raw, "drillfedcba98") == "https://mail.example.org/account/held/decide/?t=TWO"
    with pytest.raises(DrillError):
        link_in(raw, "drillnone")
