from __future__ import annotations

import pytest

from tests.unit.directory.conftest import dkim_pem, installed, platform  # noqa: F401 - fixtures
from tests.unit.quarantine.memory import MemoryStore, stored

from relevo.directory import aliases, domains, mailboxes  # isort: skip - Django is started above


@pytest.fixture
def kept(platform, monkeypatch) -> MemoryStore:  # noqa: F811 - the fixture
    """Two domains, and in the quarantine a copy for ana, one for both anas, and an attachment for ana."""
    domains.add("second.example")
    for domain in ("example.org", "second.example"):
        mailboxes.add(f"ana@{domain}", "unrelated-words-9")
    aliases.add("sales@example.org", ["ana@example.org"])
    aliases.add("info@example.org", ["ana@example.org", "ana@second.example"])
    made = MemoryStore()
    made.add(stored("Spam-One_001", "ana+shop@example.org", subject="Win"))
    made.add(stored("Both00000002", "ana@example.org", "ana@second.example", subject="For both"))
    made.add(stored("Program00003", "ana@example.org", kind="attachment", subject="Invoice"))
    made.take_the_place(monkeypatch)
    return made


@pytest.fixture
def settings_of():
    """Change settings for a while."""
    from django.test import override_settings  # noqa: PLC0415 - a started Django

    return override_settings
