"""The directory on SQLite in memory; each test runs in a transaction that is rolled back.

The database is made once, as whole images: what many tests begin with is laid down for each in a millisecond.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from relevo import directory

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.unit.directory.settings"
directory.start()

from django.core.management import call_command  # noqa: E402 - Django must be started first
from django.db import connection, transaction  # noqa: E402

from relevo.cluster.pki import make_dkim_key  # noqa: E402
from relevo.directory import install, passwords  # noqa: E402
from relevo.directory.dkim import keys  # noqa: E402

Lookup = Callable[..., set[tuple[object, ...]]]


@pytest.fixture(scope="session")
def installed() -> bytes:
    """An installed platform: example.org with its probe mailbox and postmaster; an image of it."""
    for label in ("contenttypes", "directory", "sessions"):
        call_command("migrate", label, verbosity=0)
    install.add_first_domain()
    install.OwnMailbox("relevo-probe-mail01@example.org", "secret of the probe").ensure()
    install.ensure_postmaster()
    return image()


def image() -> bytes:
    """Return the whole database as it is now."""
    connection.ensure_connection()
    return connection.connection.serialize()


@contextmanager
def laid_down(wanted: bytes, installed: bytes) -> Iterator[None]:
    """Have another database meanwhile; tests that begin with the installed one find that again."""
    connection.ensure_connection()
    connection.connection.deserialize(wanted)
    try:
        yield
    finally:
        connection.connection.deserialize(installed)


@contextmanager
def cheap(dkim_pem: str) -> Iterator[None]:
    """Have hashes and keys that cost nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "make_dkim_key", lambda: dkim_pem)
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def dkim_pem() -> str:
    """A DKIM key; drawing one for each domain of each test would take minutes."""
    return make_dkim_key()


@pytest.fixture
def platform(installed, dkim_pem) -> Iterator[None]:
    """The installed platform, as it was for the next test; hashes and keys that cost nothing."""
    with cheap(dkim_pem), rolled_back():
        yield


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def lookup(platform) -> Lookup:
    """Ask a view as Postfix or Dovecot does: `lookup("lookup_alias", "target", source="a@b")`."""

    def ask(view: str, columns: str, **where: str) -> set[tuple[object, ...]]:
        condition = " AND ".join(f"{column} = %s" for column in where) or "1 = 1"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {view} WHERE {condition}", list(where.values()))  # noqa: S608
            return set(cursor.fetchall())

    return ask
