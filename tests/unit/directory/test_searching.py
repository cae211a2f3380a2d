"""Search finds the same rows whether few or many fit."""

from __future__ import annotations

import pytest
from django.db.models import QuerySet

from relevo.directory import domains, mailboxes, searching
from relevo.directory.models import Mailbox
from relevo.directory.searching import matching

STRONG = "unrelated-words-9"


@pytest.fixture
def boxes(platform) -> QuerySet[Mailbox]:
    domains.add("search.example")
    for name, person in (("ana", "Ana Ñáñez"), ("banana", ""), ("eva", "Eva ANA"), ("luis", "Luis")):
        mailboxes.add(f"{name}@search.example", STRONG, name=person)
    return Mailbox.objects.filter(domain__name="search.example").order_by("-address")


@pytest.mark.parametrize("few", [0, 2, 1000])
@pytest.mark.parametrize(("words", "found"), [
    ("ana", ["eva", "banana", "ana"]), ("ANA ba", ["banana"]), ("", ["luis", "eva", "banana", "ana"]), ("nobody", []),
    ("ana eva", ["eva"]),
])
def test_every_word_in_order_and_in_any_case(boxes, monkeypatch, few: int, words: str, found: list[str]) -> None:
    monkeypatch.setattr(searching, "_FEW", few)
    rows = matching(boxes, words, ("address",), ("name",))
    assert [row.local_part for row in rows] == found
    assert rows.count() == len(found)
