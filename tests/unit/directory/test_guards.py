"""A rule over many rows, kept also when two nodes write at the same time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from relevo.directory import administrators, aliases, guards, lists, mailboxes
from relevo.directory.guard_models import Guard
from relevo.directory.models import Administrator, AuditEntry
from relevo.errors import DirectoryError

STRONG = "unrelated-words-9"
PAIR = ("one@example.org", "other@example.org")


def pair() -> None:
    for address in PAIR:
        administrators.add(address, STRONG, role="global")


@pytest.mark.parametrize("attempt", [
    administrators.remove,
    lambda address: administrators.change(address, enabled=False),
    lambda address: administrators.change(address, role="domain", domains=["example.org"]),
])
def test_whoever_goes_writes_one_row_that_all_write_before_looking_who_is_left(platform, attempt):
    pair()
    guards.hold(guards.ADMINISTRATORS)  # as the last time somebody went
    with CaptureQueriesContext(connection) as asked:
        attempt(PAIR[1])
    done = [one["sql"] for one in asked]
    written = next(at for at, sql in enumerate(done) if re.match(r'UPDATE "directory_guard".*administrators', sql))
    looked = next(at for at, sql in enumerate(done) if re.match(r"SELECT .*\"role\" = 'global'", sql))
    assert written < looked
    assert Guard.objects.get(name=guards.ADMINISTRATORS).turn == 1


def test_a_guard_changes_each_time_or_galera_would_not_compare_it(platform):
    turns = set()
    for _each in range(3):
        guards.hold("a rule")
        turns.add(Guard.objects.get(name="a rule").turn)
    assert len(turns) == 3


def test_who_is_refused_leaves_the_guard_as_it_was(platform):
    administrators.add(PAIR[0], STRONG, role="global")
    with pytest.raises(DirectoryError, match="last global administrator"):
        administrators.remove(PAIR[0])
    assert not Guard.objects.filter(name=guards.ADMINISTRATORS).exists()


@pytest.fixture
def committed(installed) -> Iterator[None]:
    """Two global administrators whom other transactions see, too; nothing of them is left afterwards."""
    pair()
    yield
    Administrator.objects.filter(address__in=PAIR).delete()
    AuditEntry.objects.filter(subject__in=PAIR).delete()
    Guard.objects.all().delete()


def test_of_two_who_remove_each_other_on_two_nodes_the_later_one_is_refused(committed, monkeypatch):
    one, other = PAIR
    tries = []

    def hold(name: str) -> None:
        """The other node was the first: Galera refuses this transaction, and the next one sees what was done."""
        tries.append(name)
        if len(tries) == 1:
            raise OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction")
        Administrator.objects.filter(address=one).delete()

    monkeypatch.setattr(guards, "hold", hold)
    with pytest.raises(DirectoryError, match=rf"{other} is the last global administrator"):
        administrators.remove(other)
    assert tries == [guards.ADMINISTRATORS] * 2
    assert Administrator.objects.filter(address=other).exists()


def test_one_address_is_given_to_one_kind_of_entry_only(platform):
    turns = []
    for add in (
        lambda: mailboxes.add("first@example.org", STRONG),
        lambda: aliases.add("second@example.org", ["x@else.example"]),
        lambda: lists.add("third@example.org"),
    ):
        add()
        turns.append(Guard.objects.get(name="addresses of example.org").turn)
    assert len(set(turns)) == 3


def test_names_longer_than_the_column_share_a_guard(platform):
    for end in ("a", "b"):
        guards.hold("x" * 60 + end)
    assert Guard.objects.get(name="x" * 50).turn == 1
