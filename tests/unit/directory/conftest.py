"""The directory on SQLite in memory; each test runs in a transaction that is rolled back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.unit.directory.settings"

from relevo import directory

directory.start()

from django.core.management import call_command
from django.db import connection, transaction

PASSWORD = "four unrelated words here"


@pytest.fixture(scope="session")
def tables() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture
def accounts(tables: None) -> Iterator[None]:
    """An installed platform: example.org with its probe mailbox and postmaster."""
    from relevo.directory import install

    with transaction.atomic():
        install.add_first_domain()
        install.ensure_probe("secret of the probe")
        install.ensure_postmaster()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def lookup(accounts: None) -> Callable[..., list[tuple[object, ...]]]:
    """Ask a view as Postfix or Dovecot does: `lookup("lookup_alias", "target", source="a@b")`."""

    def ask(view: str, columns: str, **where: str) -> list[tuple[object, ...]]:
        condition = " AND ".join(f"{column} = %s" for column in where) or "1 = 1"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {view} WHERE {condition}", list(where.values()))
            return sorted(cursor.fetchall())

    return ask
