from __future__ import annotations

import pytest

from relevo.directory import aliases, domains, lists, mailboxes
from relevo.errors import DirectoryError

PASSWORD = "four unrelated words"
ANA = "ana@example.org"

pytestmark = pytest.mark.usefixtures("platform")


def test_a_domain_takes_mail_until_it_is_switched_off(lookup):
    domains.add("Second.Example")
    assert ("second.example",) in lookup("lookup_domain", "domain")
    mailboxes.add("eva@second.example", PASSWORD)
    domains.change("second.example", enabled=False)
    assert ("second.example",) not in lookup("lookup_domain", "domain")
    assert lookup("lookup_mailbox", "address", address="eva@second.example") == set()


def test_postmaster_and_abuse_of_every_domain_arrive(lookup):
    domains.add("second.example")
    for source in ("postmaster@second.example", "abuse@second.example", "abuse@example.org"):
        assert lookup("lookup_alias", "target", source=source) == {("postmaster@example.org",)}


def test_somebody_else_may_be_postmaster_of_a_domain(lookup):
    domains.add("second.example")
    mailboxes.add("postmaster@second.example", PASSWORD)
    assert lookup("lookup_alias", "target", source="postmaster@second.example") == set()
    mailboxes.remove("postmaster@second.example")
    assert lookup("lookup_alias", "target", source="postmaster@second.example") == {("postmaster@example.org",)}
    aliases.change("abuse@second.example", to=["x@else.example"])
    assert lookup("lookup_alias", "target", source="abuse@second.example") == {("x@else.example",)}
    aliases.remove("abuse@second.example")
    assert lookup("lookup_alias", "target", source="abuse@second.example") == {("postmaster@example.org",)}


@pytest.mark.parametrize(
    "close",
    [
        lambda: mailboxes.change("postmaster@example.org", enabled=False),
        lambda: mailboxes.remove("postmaster@example.org"),
        lambda: aliases.change("abuse@example.org", enabled=False),
        lambda: aliases.remove("abuse@example.org"),
        lambda: lists.add("abuse@example.org", ["x@else.example"], policy="members"),
    ],
)
def test_what_must_arrive_can_not_be_closed(close):
    with pytest.raises(DirectoryError, match=r"must always arrive|this platform's postmaster"):
        close()


@pytest.mark.parametrize(
    "change",
    [
        lambda: domains.remove("example.org"),
        lambda: domains.change("example.org", enabled=False),
        lambda: domains.change("example.org", alias_of="second.example"),
    ],
)
def test_the_first_domain_stays(change):
    domains.add("second.example")
    with pytest.raises(DirectoryError, match="first domain of this platform"):
        change()


def test_a_domain_goes_when_it_is_empty(lookup):
    domains.add("second.example")
    mailboxes.add("eva@second.example", PASSWORD)
    with pytest.raises(DirectoryError, match=r"eva@second.example"):
        domains.remove("second.example")
    mailboxes.remove("eva@second.example")
    with pytest.raises(DirectoryError, match=r"eva@second.example"):  # its mail is still there
        domains.remove("second.example")
    mailboxes.Mailbox.objects.filter(address="eva@second.example").delete()
    domains.remove("second.example")
    assert lookup("lookup_alias", "target", source="abuse@second.example") == set()


def test_an_alias_domain_has_the_addresses_of_the_real_one_and_no_others(lookup):
    mailboxes.add(ANA, PASSWORD)
    domains.add("alias.example", alias_of="example.org")
    lists.add("all@example.org", [ANA], policy="domain")
    aliases.add("sales@example.org", [ANA])
    assert ("alias.example",) in lookup("lookup_domain", "domain")
    assert lookup("lookup_alias", "target", source="ana@alias.example") == {(ANA,)}
    assert lookup("lookup_alias", "target", source="@alias.example") == set()
    assert lookup("lookup_alias", "target", source="nobody@alias.example") == set()
    assert lookup("lookup_sender", "login", address="ana@alias.example") == {(ANA,)}
    assert lookup("lookup_sender", "login", address="sales@alias.example") == {(ANA,)}
    assert lookup("lookup_list_poster", "policy, sender", list="all@alias.example") == {
        ("domain", "@example.org"), ("domain", "@alias.example"),
    }


def test_the_addresses_of_an_alias_domain_follow_those_of_the_real_one(lookup):
    domains.add("alias.example", alias_of="example.org")
    mailboxes.add(ANA, PASSWORD)
    assert lookup("lookup_alias", "target", source="ana@alias.example")
    mailboxes.change(ANA, enabled=False)
    assert not lookup("lookup_alias", "target", source="ana@alias.example")
    mailboxes.change(ANA, enabled=True)
    mailboxes.remove(ANA)
    assert not lookup("lookup_alias", "target", source="ana@alias.example")
    mailboxes.restore(ANA)
    assert lookup("lookup_alias", "target", source="ana@alias.example")
    domains.change("alias.example", alias_of="")
    assert not lookup("lookup_alias", "target", source="ana@alias.example")
    assert lookup("lookup_alias", "target", source="postmaster@alias.example")


def test_an_alias_domain_has_no_addresses_of_its_own():
    domains.add("alias.example", alias_of="example.org")
    with pytest.raises(DirectoryError, match=r"add eva@example.org there"):
        mailboxes.add("eva@alias.example", PASSWORD)
    with pytest.raises(DirectoryError, match="set it there"):
        domains.change("alias.example", catch_all="x@else.example")


def test_alias_domains_do_not_follow_one_another():
    domains.add("alias.example", alias_of="example.org")
    with pytest.raises(DirectoryError, match="can't follow one another"):
        domains.add("third.example", alias_of="alias.example")


def test_a_catch_all_swallows_no_mailbox(lookup):
    mailboxes.add(ANA, PASSWORD)
    domains.change("example.org", catch_all=ANA)
    domains.add("alias.example", alias_of="example.org")
    assert lookup("lookup_alias", "target", source="@example.org") == {(ANA,)}
    assert lookup("lookup_alias", "target", source="@alias.example") == {(ANA,)}
    assert lookup("lookup_alias", "target", source="postmaster@example.org") == {("postmaster@example.org",)}
    mailboxes.change(ANA, forward=["x@else.example"], keep_copy=False)
    assert lookup("lookup_alias", "target", source=ANA) == {("x@else.example",)}
    domains.change("example.org", catch_all="")
    assert lookup("lookup_alias", "target", source="@example.org") == set()


def test_a_catch_all_target_can_not_be_removed():
    mailboxes.add(ANA, PASSWORD)
    domains.change("example.org", catch_all=ANA)
    with pytest.raises(DirectoryError, match=r"catch-all of example.org"):
        mailboxes.remove(ANA)
