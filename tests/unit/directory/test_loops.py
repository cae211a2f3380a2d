from __future__ import annotations

import pytest

from relevo.directory import aliases, domains, lists, mailboxes
from relevo.errors import DirectoryError

PASSWORD = "four unrelated words"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def chain(platform):
    """ana forwards to the alias sales, that is the list all, which has luis as a member."""
    mailboxes.add("luis@example.org", PASSWORD)
    lists.add("all@example.org", ["luis@example.org"], policy="anyone")
    aliases.add("sales@example.org", ["all@example.org"])
    mailboxes.add("ana@example.org", PASSWORD, forward=["sales@example.org"])


@pytest.mark.parametrize(
    ("change", "loop"),
    [
        (
            lambda: mailboxes.change("luis@example.org", forward=["ana@example.org"]),
            "luis@example.org → ana@example.org → sales@example.org → all@example.org → luis@example.org",
        ),
        (
            lambda: lists.change("all@example.org", add_members=["ana@example.org"]),
            "all@example.org → ana@example.org → sales@example.org → all@example.org",
        ),
        (
            lambda: aliases.change("sales@example.org", add_to=["ana+tag@example.org"]),
            "sales@example.org → ana+tag@example.org → ana@example.org → sales@example.org",
        ),
        (
            lambda: aliases.change("sales@example.org", add_to=["sales@example.org"]),
            "sales@example.org → sales@example.org",
        ),
    ],
)
def test_a_loop_is_refused_and_shown(change, loop):
    with pytest.raises(DirectoryError) as caught:
        change()
    assert str(caught.value).endswith(loop)


def test_a_loop_through_an_alias_domain_is_seen():
    domains.add("alias.example", alias_of="example.org")
    with pytest.raises(DirectoryError, match=r"luis@example.org → ana@alias.example → ana@example.org"):
        mailboxes.change("luis@example.org", forward=["ana@alias.example"])


def test_a_loop_through_a_catch_all_is_seen():
    domains.change("example.org", catch_all="ana@example.org")
    with pytest.raises(DirectoryError, match=r"luis@example.org → nobody@example.org → @example.org → ana@example.org"):
        mailboxes.change("luis@example.org", forward=["nobody@example.org"])


def test_two_ways_to_one_mailbox_are_no_loop(lookup):
    aliases.add("office@example.org", ["all@example.org", "luis@example.org", "sales@example.org"])
    assert len(lookup("lookup_alias", "target", source="office@example.org")) == 3


def test_a_long_loop_is_seen():
    for number in range(5):
        aliases.add(f"a{number}@example.org", ["sales@example.org" if number == 0 else f"a{number - 1}@example.org"])
    with pytest.raises(DirectoryError, match="circle"):
        mailboxes.change("luis@example.org", forward=["a4@example.org"])
