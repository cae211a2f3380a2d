from __future__ import annotations

import pytest

from relevo.directory import aliases, domains, lists, mailboxes
from relevo.errors import DirectoryError

PASSWORD = "four unrelated words"
ALL, ANA = "all@example.org", "ana@example.org"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def ana(platform):
    mailboxes.add(ANA, PASSWORD)


def test_mail_to_a_list_goes_to_its_members(lookup):
    lists.add(ALL, [ANA, "x@else.example", ANA])
    assert lookup("lookup_alias", "target", source=ALL) == {(ANA,), ("x@else.example",)}
    assert lookup("lookup_sender", "login", address=ALL) == set()


@pytest.mark.parametrize(
    ("policy", "senders", "expected"),
    [
        ("anyone", [], {("anyone", "")}),
        ("domain", [], {("domain", "@example.org")}),
        ("members", [], {("members", ANA), ("members", "x@else.example")}),
        ("named", ["Boss@else.example"], {("named", "boss@else.example")}),
    ],
)
def test_who_may_post(lookup, policy, senders, expected):
    lists.add(ALL, [ANA, "x@else.example"], policy=policy, senders=senders)
    assert lookup("lookup_list_poster", "policy, sender", list=ALL) == expected


@pytest.mark.parametrize(("policy", "senders"), [("named", []), ("anyone", ["x@else.example"]), ("everybody", [])])
def test_policy_and_senders_must_fit(policy, senders):
    with pytest.raises(DirectoryError):
        lists.add(ALL, [ANA], policy=policy, senders=senders)


def test_members_come_and_go(lookup):
    lists.add(ALL, [ANA])
    lists.change(ALL, add_members=["x@else.example", "y@else.example"])
    lists.change(ALL, drop=["X@else.example"])
    assert lookup("lookup_alias", "target", source=ALL) == {(ANA,), ("y@else.example",)}
    lists.change(ALL, members=["z@else.example"])
    assert lookup("lookup_alias", "target", source=ALL) == {("z@else.example",)}


def test_no_way_leads_round_the_check_of_who_may_post():
    lists.add(ALL, [ANA], policy="members")
    domains.add("alias.example", alias_of="example.org")
    for target in (ALL, "all@alias.example"):
        with pytest.raises(DirectoryError, match=r"only some may post to the list all@example.org"):
            aliases.add("everybody@example.org", [target])
    lists.change(ALL, policy="anyone")
    for target in (ALL, "all+tag@example.org", "all@alias.example"):
        aliases.add("everybody@example.org", [target])
        with pytest.raises(DirectoryError, match=r"alias everybody@example.org"):
            lists.change(ALL, policy="members")
        aliases.remove("everybody@example.org")


def test_a_list_switched_off_takes_nothing(lookup):
    lists.add(ALL, [ANA])
    lists.change(ALL, enabled=False)
    assert lookup("lookup_alias", "target", source=ALL) == set()
    assert lookup("lookup_list_poster", "policy", list=ALL) == set()


def test_an_alias_lets_its_owners_send_as_it(lookup):
    aliases.add("sales@example.org", [ANA, "x@else.example"])
    assert lookup("lookup_sender", "login", address="sales@example.org") == {(ANA,)}
    aliases.change("sales@example.org", drop=[ANA])
    assert lookup("lookup_sender", "login", address="sales@example.org") == set()
    with pytest.raises(DirectoryError, match="at least one"):
        aliases.change("sales@example.org", drop=["x@else.example"])


def test_what_is_still_a_target_stays():
    aliases.add("sales@example.org", [ANA])
    lists.add(ALL, ["sales@example.org"])
    with pytest.raises(DirectoryError, match=r"list all@example.org"):
        aliases.remove("sales@example.org")
