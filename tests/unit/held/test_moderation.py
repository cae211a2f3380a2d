"""Whose posts wait, as Postfix and the filter ask for it."""

from __future__ import annotations

import pytest

from tests.unit.held.memory import MemoryBox  # isort: skip - Django is started by the conftest
from relevo.directory import aliases, domains, lists, mailboxes, shared
from relevo.directory.bulk import kinds
from relevo.directory.models import AuditEntry, DistributionList
from relevo.errors import DirectoryError

ALL, ANA, WAY = "all@example.org", "ana@example.org", "all+relevo-members@example.org"
pytestmark = pytest.mark.usefixtures("posts")


def test_the_address_leads_to_where_posts_wait_and_the_way_past_it_to_the_members(lookup) -> None:
    key = DistributionList.objects.get(address=ALL).pk
    assert lookup("lookup_alias", "target", source=ALL) == {(f"relevo-held+{key}@example.org",)}
    assert lookup("lookup_alias", "target", source=WAY) == {(ANA,), ("eva@example.org",)}
    assert lookup("lookup_list_poster", "policy, sender", list=ALL) == {("held", "")}


def test_who_may_post_and_owners_are_led_past_also_at_an_alias_domain(lookup) -> None:
    domains.add("alias.example", alias_of="example.org")
    passing = {("@example.org", WAY), ("@alias.example", WAY), (ANA, WAY)}
    assert lookup("lookup_list_way", "sender, way", list=ALL) == passing
    assert lookup("lookup_list_way", "sender, way", list="all@alias.example") == passing
    lists.change(ALL, moderated="all")
    assert lookup("lookup_list_way", "sender, way", list=ALL) == {(ANA, WAY)}


def test_an_owner_who_is_switched_off_is_led_past_no_more(lookup) -> None:
    mailboxes.change("luis@second.example", enabled=False)
    assert lookup("lookup_list_way", "sender", list="all@second.example") == set()


@pytest.mark.parametrize(("policy", "senders"), [("members", []), ("named", ["boss@else.example"])])
def test_each_policy_says_who_passes(lookup, policy: str, senders: list[str]) -> None:
    lists.change(ALL, policy=policy, senders=senders)
    wanted = {"members": {ANA, "eva@example.org"}, "named": {"boss@else.example", ANA}}[policy]
    assert {sender for (sender,) in lookup("lookup_list_way", "sender", list=ALL)} == wanted


def test_switched_off_again_it_is_as_before(lookup) -> None:
    lists.change(ALL, moderated="off")
    assert lookup("lookup_alias", "target", source=ALL) == {(ANA,), ("eva@example.org",)}
    assert lookup("lookup_alias", "target", source=WAY) == set()
    assert lookup("lookup_list_poster", "policy, sender", list=ALL) == {("domain", "@example.org")}
    assert lookup("lookup_list_way", "sender", list=ALL) == set()
    assert lists.find(ALL).owners.count() == 1  # they are there when it is switched on again


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"moderated": "some"}, "off, others or all"),
        ({"owners": []}, "needs an owner"),
        ({"owners": ["nobody@example.org"]}, "nobody has the mailbox"),
        ({"owners": ["relevo-probe-mail01@example.org"]}, "nobody has the mailbox"),
        ({"owners": [f"x{number}@example.org" for number in range(21)]}, "at most 20"),
        ({"policy": "anyone"}, "no post would wait"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_changed(options: dict, said: str) -> None:
    with pytest.raises(DirectoryError, match=said):
        lists.change(ALL, **options)
    entry = lists.find(ALL)
    assert (entry.policy, entry.moderation, entry.owners.get().mailbox.address) == ("domain", "others", ANA)


def test_nothing_leads_to_a_list_that_holds_posts() -> None:
    lists.change(ALL, policy="anyone", moderated="all")
    for target in (ALL, WAY):
        with pytest.raises(DirectoryError, match="only some may post"):
            aliases.add("everybody@example.org", [target])
    lists.add("open@example.org", [ANA], policy="anyone")
    aliases.add("everybody@example.org", ["open@example.org"])
    with pytest.raises(DirectoryError, match=r"alias everybody@example.org"):
        lists.change("open@example.org", moderated="all", owners=[ANA])


def test_postmaster_holds_nothing() -> None:
    with pytest.raises(DirectoryError, match="must always arrive"):
        lists.add("abuse@example.org", [ANA], policy="anyone", moderated="all", owners=[ANA])


def test_the_only_owner_stays() -> None:
    with pytest.raises(DirectoryError, match="is the only owner of the list"):
        mailboxes.remove(ANA, everywhere=True)
    lists.change(ALL, owners=[ANA, "eva@example.org"])
    mailboxes.remove(ANA, everywhere=True)
    with pytest.raises(DirectoryError, match="is the only owner"):
        mailboxes.remove("eva@example.org", everywhere=True)


def test_a_shared_mailbox_owns_no_list() -> None:
    shared.add("sales@example.org", readers=[ANA])
    with pytest.raises(DirectoryError, match="nobody has the mailbox"):
        lists.change(ALL, owners=["sales@example.org"])


def test_it_is_noted_and_a_table_carries_it() -> None:
    entry = AuditEntry.objects.filter(action="list.add", subject=ALL).get()
    assert (entry.detail["moderated"], entry.detail["owners"]) == ("others", [ANA])
    told = kinds.LISTS.describe(lists.listing().get(address=ALL))
    assert (told["moderated"], told["owners"]) == ("others", [ANA])
    assert {"moderated", "owners"} <= set(kinds.LISTS.exported)


def test_there_is_something_to_wait_in(posts: MemoryBox) -> None:
    assert posts.posts() == []
