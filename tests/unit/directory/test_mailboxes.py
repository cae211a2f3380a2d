from __future__ import annotations

import pytest

from relevo.directory import aliases, describe, domains, lists, mailboxes
from relevo.directory.models import AuditEntry, Mailbox
from relevo.errors import DirectoryError

PASSWORD = "four unrelated words"
ANA, LUIS = "ana@example.org", "luis@example.org"

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
def ana() -> Mailbox:
    return mailboxes.add("Ana@Example.org", PASSWORD, name="Ana")


def test_a_new_mailbox_receives_and_may_send_as_itself(ana, lookup):
    assert lookup("lookup_mailbox", "address, quota_mb", address=ANA) == {(ANA, 2048)}
    assert lookup("lookup_sender", "login", address=ANA) == {(ANA,)}
    assert lookup("lookup_alias", "target", source=ANA) == set()
    [(password,)] = lookup("lookup_password", "password", address=ANA)
    assert password == ana.password


def test_what_is_told_of_a_mailbox_has_no_password(ana):
    assert describe.mailbox(ana) == {
        "address": ANA, "name": "Ana", "enabled": True, "quota_mb": 2048, "forward": [], "keep_copy": True,
        "digest": True, "app_passwords": 0, "removed": None,
    }


@pytest.mark.parametrize("taken", [ANA, "sales@example.org", "all@example.org"])
def test_an_address_is_given_once(ana, taken):
    aliases.add("sales@example.org", [ANA])
    lists.add("all@example.org", [ANA])
    adding = (
        lambda: mailboxes.add(taken, PASSWORD),
        lambda: aliases.add(taken, ["x@else.example"]),
        lambda: lists.add(taken),
    )
    for make in adding:
        with pytest.raises(DirectoryError, match="already"):
            make()


def test_a_mailbox_needs_a_domain_of_ours():
    with pytest.raises(DirectoryError, match=r"relevo domain add else\.example"):
        mailboxes.add("ana@else.example", PASSWORD)


def test_a_switched_off_mailbox_neither_receives_nor_sends(ana, lookup):
    aliases.add("sales@example.org", [ANA])
    mailboxes.change(ANA, enabled=False)
    for view, column in (("lookup_mailbox", "address"), ("lookup_sender", "login"), ("lookup_password", "address")):
        assert ANA not in {row[0] for row in lookup(view, column)}
    assert lookup("lookup_alias", "target", source="sales@example.org") == set()


def test_forwarding_keeps_a_copy_or_not(ana, lookup):
    mailboxes.change(ANA, forward=["out@else.example"])
    assert lookup("lookup_alias", "target", source=ANA) == {("out@else.example",), (ANA,)}
    mailboxes.change(ANA, keep_copy=False)
    assert lookup("lookup_alias", "target", source=ANA) == {("out@else.example",)}
    mailboxes.change(ANA, forward=[])
    assert lookup("lookup_alias", "target", source=ANA) == set()


def test_changing_one_thing_leaves_the_others(ana):
    mailboxes.change(ANA, forward=["out@else.example"])
    mailboxes.change(ANA, quota_mb=0)
    box = mailboxes.change(ANA)
    assert (box.quota_mb, box.name, [row.target for row in box.forwards.all()]) == (0, "Ana", ["out@else.example"])


def test_a_target_of_ours_must_exist(ana):
    with pytest.raises(DirectoryError, match=r"there is no mailbox, alias or list nobody@example.org"):
        mailboxes.change(ANA, forward=["nobody@example.org"])
    mailboxes.add(LUIS, PASSWORD, forward=["ana+from-luis@example.org"])


def test_a_new_password_replaces_the_old_one(ana, lookup):
    [before] = lookup("lookup_password", "password", address=ANA)
    mailboxes.set_password(ANA, "another four words")
    [after] = lookup("lookup_password", "password", address=ANA)
    assert before != after


def test_a_removed_mailbox_comes_back_with_its_password(ana, lookup):
    [before] = lookup("lookup_mailbox", "password", address=ANA)
    mailboxes.remove(ANA)
    assert lookup("lookup_mailbox", "address", address=ANA) == set()
    with pytest.raises(DirectoryError, match=r"relevo mailbox restore ana@example.org"):
        mailboxes.add(ANA, PASSWORD)
    with pytest.raises(DirectoryError, match="was removed on"):
        mailboxes.change(ANA, name="x")
    mailboxes.restore(ANA)
    assert lookup("lookup_mailbox", "password", address=ANA) == {before}


def test_a_removed_address_may_be_an_alias_to_the_successor(ana, lookup):
    mailboxes.add(LUIS, PASSWORD)
    mailboxes.remove(ANA)
    aliases.add(ANA, [LUIS])
    assert lookup("lookup_alias", "target", source=ANA) == {(LUIS,)}
    with pytest.raises(DirectoryError, match=r"there is an alias ana@example.org already"):
        mailboxes.restore(ANA)


def test_removing_says_who_still_sends_mail_there(ana):
    mailboxes.add(LUIS, PASSWORD, forward=[ANA])
    aliases.add("sales@example.org", [ANA, LUIS])
    lists.add("all@example.org", [ANA])
    with pytest.raises(DirectoryError) as caught:
        mailboxes.remove(ANA)
    for name in ("alias sales@example.org", "list all@example.org", "forwarding of luis@example.org"):
        assert name in str(caught.value)
    mailboxes.remove(ANA, everywhere=True)


def test_removing_everywhere_leaves_no_empty_alias(ana):
    aliases.add("sales@example.org", [ANA])
    with pytest.raises(DirectoryError, match=r"alias sales@example.org"):
        mailboxes.remove(ANA, everywhere=True)


def test_a_domain_takes_no_more_mailboxes_than_it_may(ana):
    domains.change("example.org", mailbox_limit=2)  # postmaster is one, the probe mailbox counts for nothing
    with pytest.raises(DirectoryError, match="has 2 of 2 mailboxes"):
        mailboxes.add(LUIS, PASSWORD)


def test_the_quota_comes_from_the_domain(ana):
    domains.change("example.org", default_quota_mb=10)
    assert mailboxes.add(LUIS, PASSWORD).quota_mb == 10
    assert mailboxes.add("eva@example.org", PASSWORD, quota_mb=0).quota_mb == 0


def test_the_probe_mailbox_is_hidden_from_people(lookup):
    assert "relevo-probe-mail01@example.org" not in {box.address for box in mailboxes.listing()}
    assert "relevo-probe-mail01@example.org" not in {row[0] for row in lookup("lookup_password", "address")}
    assert lookup("lookup_mailbox", "address", address="relevo-probe-mail01@example.org")
    with pytest.raises(DirectoryError, match="there is no mailbox"):
        mailboxes.remove("relevo-probe-mail01@example.org")


def test_every_change_is_noted_without_a_password(ana):
    mailboxes.set_password(ANA, "another four words")
    entries = list(AuditEntry.objects.filter(subject=ANA).order_by("id"))
    assert [entry.action for entry in entries] == ["mailbox.add", "mailbox.password"]
    assert not {"argon2", "four"} & {word for entry in entries for word in str(entry.detail).split()}
    assert all(entry.actor for entry in entries)
