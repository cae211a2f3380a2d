"""What may be given away in a domain, and what is said to who wants more."""

from __future__ import annotations

import pytest

from relevo.directory import aliases, domains, lists, mailboxes
from relevo.directory.bulk.kinds import ALIASES, LISTS, MAILBOXES
from relevo.directory.bulk.planning import plan
from relevo.directory.guard_models import Guard
from relevo.directory.models import Mailbox
from relevo.errors import DirectoryError

STRONG = "unrelated-words-9"
DOMAIN = "second.example"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def second(platform) -> None:
    domains.add(DOMAIN, mailbox_limit=3, alias_limit=1, list_limit=1, quota_limit_mb=1000, default_quota_mb=300)


def add(name: str, **options) -> Mailbox:
    return mailboxes.add(f"{name}@{DOMAIN}", STRONG, **options)


def test_mailboxes_aliases_and_lists_have_a_number(platform):
    aliases.add(f"info@{DOMAIN}", ["x@elsewhere.example"])  # postmaster and abuse, Relevo's own, don't count
    lists.add(f"all@{DOMAIN}")
    for name in "abc":
        add(name, quota_mb=1)
    with pytest.raises(DirectoryError, match=r"second.example has 3 of 3 mailboxes.*--mailboxes"):
        add("d", quota_mb=1)
    with pytest.raises(DirectoryError, match=r"second.example has 1 of 1 aliases.*--aliases"):
        aliases.add(f"more@{DOMAIN}", ["x@elsewhere.example"])
    with pytest.raises(DirectoryError, match=r"second.example has 1 of 1 lists.*--lists"):
        lists.add(f"more@{DOMAIN}")
    assert Mailbox.objects.filter(domain__name=DOMAIN).count() == 3


def test_quotas_have_a_sum(platform):
    add("a")
    add("b", quota_mb=600)
    with pytest.raises(DirectoryError, match="has given 900 of 1000 MiB, so 300 MiB are too much: 100 are left"):
        add("c")
    add("c", quota_mb=100)
    with pytest.raises(DirectoryError, match="has given 400 of 1000 MiB, so 601 MiB"):
        mailboxes.change(f"b@{DOMAIN}", quota_mb=601)
    assert mailboxes.change(f"b@{DOMAIN}", quota_mb=599).quota_mb == 599
    assert mailboxes.change(f"b@{DOMAIN}", quota_mb=600).quota_mb == 600


def test_where_the_sum_has_a_limit_no_mailbox_is_without_one(platform):
    with pytest.raises(DirectoryError, match="each mailbox needs a quota"):
        add("a", quota_mb=0)
    add("a")
    with pytest.raises(DirectoryError, match="each mailbox needs a quota"):
        mailboxes.change(f"a@{DOMAIN}", quota_mb=0)


def test_a_removed_mailbox_makes_room_and_comes_back_only_into_some(platform):
    add("a", quota_mb=700)
    mailboxes.remove(f"a@{DOMAIN}")
    add("b", quota_mb=700)
    with pytest.raises(DirectoryError, match="700 of 1000 MiB"):
        mailboxes.restore(f"a@{DOMAIN}")


def test_who_has_more_than_a_new_limit_keeps_it_and_may_have_less(platform):
    add("a", quota_mb=500)
    add("b", quota_mb=500)
    domains.change(DOMAIN, quota_limit_mb=100, mailbox_limit=1)
    assert mailboxes.change(f"a@{DOMAIN}", quota_mb=400).quota_mb == 400
    with pytest.raises(DirectoryError, match=r"500 of 100 MiB.* 0 are left"):
        mailboxes.change(f"a@{DOMAIN}", quota_mb=401)
    with pytest.raises(DirectoryError, match="has 2 of 1 mailboxes"):
        add("c", quota_mb=1)


def test_nothing_is_held_where_there_is_no_limit(platform):
    mailboxes.add("ana@example.org", STRONG, quota_mb=0)
    assert mailboxes.change("ana@example.org", quota_mb=10**6).quota_mb == 10**6


def mistakes(kind, text: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.message) for one in plan(kind, text, None).mistakes]


def test_a_table_is_told_before_anything_is_done(platform):
    add("a", quota_mb=500)
    head = f"address,password,quota_mb\nb@{DOMAIN},{STRONG},"
    assert mistakes(MAILBOXES, f"{head}500\n") == []
    assert mistakes(MAILBOXES, f"{head}300\nc@{DOMAIN},{STRONG},300\n") == [
        (3, "quota_mb", "300 MiB are too much: of the 1000 MiB of second.example 200 are left"),
    ]
    assert mistakes(MAILBOXES, f"{head}\nc@{DOMAIN},{STRONG},\n")[0][:2] == (3, "quota_mb")  # the default, 300
    assert "needs a quota" in mistakes(MAILBOXES, f"{head}0\n")[0][2]
    # what is given back can be given again
    assert mistakes(MAILBOXES, f"address,password,quota_mb\na@{DOMAIN},,100\nb@{DOMAIN},{STRONG},900\n") == []


def test_a_table_of_aliases_or_lists_has_its_limit_too(platform):
    rows = f"a@{DOMAIN},x@elsewhere.example\nb@{DOMAIN},x@elsewhere.example\n"
    beyond = (3, "address", "this is beyond the limit of second.example: it can still get 1")
    assert mistakes(ALIASES, f"address,to\n{rows}") == [beyond]
    assert mistakes(LISTS, f"address,members\n{rows}") == [beyond]


def test_what_counts_writes_a_row_that_galera_compares_and_an_unlimited_domain_writes_none(platform):
    turns = []
    for change in (
        lambda: add("a", quota_mb=1), lambda: mailboxes.change(f"a@{DOMAIN}", quota_mb=2),
        lambda: aliases.add(f"info@{DOMAIN}", ["x@elsewhere.example"]), lambda: lists.add(f"all@{DOMAIN}"),
    ):
        change()
        turns.append(Guard.objects.get(name__startswith="limits").turn)
    assert turns == sorted(set(turns))
    mailboxes.add("free@example.org", STRONG)
    assert Guard.objects.get(name__startswith="limits").turn == turns[-1]
