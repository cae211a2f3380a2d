from __future__ import annotations

import pytest

from tests.unit.directory.conftest import dkim_pem, installed, lookup, platform  # noqa: F401 - fixtures
from tests.unit.held.memory import MemoryBox

from relevo.directory import domains, lists, mailboxes  # isort: skip - Django is started above

STRONG = "unrelated-words-9"


@pytest.fixture
def posts(platform, monkeypatch) -> MemoryBox:  # noqa: F811 - the fixture
    """Two domains; all@ of each holds others' posts, ana looks after the first one, luis after the second."""
    domains.add("second.example")
    for domain in ("example.org", "second.example"):
        for name in ("ana", "luis", "eva"):
            mailboxes.add(f"{name}@{domain}", STRONG)
    lists.add("all@example.org", ["ana@example.org", "eva@example.org"], moderated="others", owners=["ana@example.org"])
    lists.add("all@second.example", ["ana@second.example"], moderated="all", owners=["luis@second.example"])
    made = MemoryBox()
    made.take_the_place(monkeypatch)
    return made
