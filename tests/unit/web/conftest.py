"""The site as a browser meets it, on the installed platform of the directory's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.unit.directory.conftest import installed, platform  # noqa: F401 - fixtures

from relevo.directory import administrators, aliases, domains, lists, mailboxes  # isort: skip - Django is started above
from relevo.directory.models import Administrator  # isort: skip - the same

STRONG = "unrelated-words-9"


@pytest.fixture
def people(platform) -> dict[str, Administrator]:  # noqa: F811 - the fixture
    """Two domains with something in each, a global administrator and one of the second domain."""
    domains.add("second.example")
    for domain in ("example.org", "second.example"):
        mailboxes.add(f"ana@{domain}", STRONG, name="Ana")
        mailboxes.add(f"luis@{domain}", STRONG)
        aliases.add(f"info@{domain}", [f"ana@{domain}"])
        lists.add(f"all@{domain}", [f"ana@{domain}"])
    return {
        "global": administrators.add("root@elsewhere.example", STRONG, role="global"),
        "domain": administrators.add("helper@elsewhere.example", STRONG, domains=["second.example"]),
    }


@pytest.fixture
def visit(people) -> Callable[[str], Client]:
    """Return a browser in which an administrator is logged in (`global`, `domain`), or nobody (empty)."""

    def browser(role: str = "", language: str = "en") -> Client:
        client = Client(
            HTTP_HOST="mail.example.org", HTTP_X_FORWARDED_PROTO="https", HTTP_X_REAL_IP="192.0.2.7",
            HTTP_ACCEPT_LANGUAGE=language,
        )
        if role:
            client.force_login(people[role])
        return client

    return browser


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries
