from __future__ import annotations

import io

import pytest

from relevo.directory import aliases, describe, domains, dovecot, mailboxes, scope, shared
from relevo.directory.models import Administrator, AuditEntry, Mailbox, Role
from relevo.directory.registry import find_domain
from relevo.errors import DirectoryError

INFO = "info@example.org"
ANA, LUIS, EVA = "ana@example.org", "luis@example.org", "eva@example.org"
STRONG = "unrelated-words-9"


@pytest.fixture
def people(platform) -> None:
    for address in (ANA, LUIS, EVA):
        mailboxes.add(address, STRONG)


@pytest.fixture
def info(people) -> None:
    shared.add(INFO, name="Information", readers=[ANA], writers=[LUIS], senders=[LUIS])


def access(lookup) -> set[tuple[object, ...]]:
    return lookup("lookup_shared", "member, level", mailbox=INFO)


def senders(lookup, address: str = INFO) -> set[str]:
    return {str(login) for (login,) in lookup("lookup_sender", "login", address=address)}


def test_it_receives_and_its_members_are_told_to_dovecot_and_postfix(info, lookup):
    assert lookup("lookup_mailbox", "address", address=INFO) == {(INFO,)}
    assert access(lookup) == {(ANA, "read"), (LUIS, "write")}
    assert senders(lookup) == {INFO, LUIS}


def test_nobody_logs_in_to_it(info):
    with pytest.raises(DirectoryError, match="nobody logs in to info@"):
        mailboxes.set_password(INFO, STRONG)


def test_what_is_told_of_it(info):
    assert describe.shared_mailbox(shared.find(INFO)) == {
        "address": INFO, "name": "Information", "enabled": True, "quota_mb": 2048, "readers": [ANA], "writers": [LUIS],
        "managers": [], "senders": [LUIS],
    }


def test_a_list_replaces_and_the_others_stay(info, lookup):
    shared.change(INFO, readers=[EVA])
    assert access(lookup) == {(EVA, "read"), (LUIS, "write")}
    assert senders(lookup) == {INFO, LUIS}
    shared.change(INFO, writers=[], name="Other")
    assert access(lookup) == {(EVA, "read")}
    assert senders(lookup) == {INFO}


def test_who_is_in_two_lists_has_the_more(info, lookup):
    shared.change(INFO, managers=[ANA])
    assert access(lookup) == {(ANA, "manage"), (LUIS, "write")}


def test_one_more_and_one_less(info, lookup):
    shared.grant(INFO, EVA, "manage", may_send=True)
    shared.grant(INFO, LUIS, "read")
    shared.withdraw(INFO, ANA)
    assert access(lookup) == {(EVA, "manage"), (LUIS, "read")}
    assert senders(lookup) == {INFO, EVA}
    with pytest.raises(DirectoryError, match="has no right"):
        shared.withdraw(INFO, ANA)


@pytest.mark.parametrize(("arguments", "because"), [
    ({"readers": ["nobody@example.org"]}, "nobody has the mailbox"),
    ({"readers": ["x@elsewhere.example"]}, "nobody has the mailbox"),
    ({"readers": ["relevo-probe-mail01@example.org"]}, "nobody has the mailbox"),
    ({"readers": [INFO]}, "nobody has the mailbox"),
    ({"senders": [EVA]}, "must be able to read"),
    ({"readers": ["not an address"]}, "not an address"),
])
def test_what_can_not_be_changes_nothing(info, lookup, arguments, because):
    before = AuditEntry.objects.count()
    with pytest.raises(DirectoryError, match=because):
        shared.change(INFO, name="New", **arguments)
    assert access(lookup) == {(ANA, "read"), (LUIS, "write")}
    assert (shared.find(INFO).name, AuditEntry.objects.count()) == ("Information", before)


def test_a_right_that_there_is_not(info):
    with pytest.raises(DirectoryError, match="read, write or manage"):
        shared.grant(INFO, EVA, "own")


def test_an_address_is_given_once(info):
    for taken in (INFO, ANA):
        with pytest.raises(DirectoryError, match="there is a mailbox"):
            shared.add(taken)
    with pytest.raises(DirectoryError, match="there is no shared mailbox ana@"):
        shared.find(ANA)


def test_who_may_send_as_it_may_do_so_as_the_addresses_that_lead_to_it(info, lookup):
    domains.add("mirror.example", alias_of="example.org")
    aliases.add("contact@example.org", [INFO])
    for address in ("contact@example.org", "info@mirror.example", "contact@mirror.example"):
        assert LUIS in senders(lookup, address)
        assert ANA not in senders(lookup, address)


@pytest.mark.parametrize("out", [
    lambda: mailboxes.change(LUIS, enabled=False), lambda: mailboxes.remove(LUIS),
])
def test_who_is_switched_off_or_removed_has_no_right(info, lookup, out):
    out()
    assert access(lookup) == {(ANA, "read")}
    assert senders(lookup) == {INFO}


def test_switched_off_it_is_nobodys(info, lookup):
    shared.change(INFO, enabled=False)
    assert access(lookup) == senders(lookup) == set()


def test_removed_it_is_gone_and_comes_back_with_its_members(info, lookup):
    shared.remove(INFO)
    assert access(lookup) == senders(lookup) == set()
    assert not shared.listing().exists()
    mailboxes.restore(INFO)
    assert access(lookup) == {(ANA, "read"), (LUIS, "write")}


def test_it_is_among_the_mailboxes_only_when_it_is_removed(info):
    assert INFO not in {box.address for box in mailboxes.listing()}
    shared.remove(INFO)
    assert INFO in {box.address for box in mailboxes.listing(removed=True)}


def test_an_owner_sees_what_there_is_to_open(info):
    box = Mailbox.objects.get(address=LUIS)
    assert [(row.mailbox.address, row.level, row.may_send) for row in shared.of_member(box)] == [(INFO, "write", True)]
    shared.change(INFO, enabled=False)
    assert not shared.of_member(box)


def test_a_domains_administrator_sees_those_of_the_domain(info):
    domains.add("second.example")
    shared.add("info@second.example")
    helper = Administrator.objects.create(address="helper@x.example", role=Role.DOMAIN)
    helper.domains.set([find_domain("second.example")])
    assert [box.address for box in scope.within(helper, shared.listing())] == ["info@second.example"]


def test_every_change_is_noted_with_who_may_what(info):
    shared.grant(INFO, EVA, "manage")
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.subject) == ("shared.set", INFO)
    assert entry.detail == {"readers": [ANA], "writers": [LUIS], "managers": [EVA], "senders": [LUIS]}


@pytest.mark.parametrize(("works", "answer"), [(True, "done\n"), (False, "failed\n")])
def test_root_makes_the_folders_of_a_shared_mailbox(monkeypatch, capsys, works, answer):
    commands = []

    def succeeds(command: list[str], within: float) -> bool:
        commands.append(command[1:3])
        return works and command[2] == "subscribe"  # what is there already can't be made

    monkeypatch.setattr(dovecot, "succeeds", succeeds)
    monkeypatch.setattr(dovecot.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("sys.stdin", io.StringIO("prepare info@example.org\n"))
    assert dovecot.main() == 0
    assert (commands, capsys.readouterr().out) == ([["mailbox", "create"], ["mailbox", "subscribe"]], answer)


@pytest.mark.parametrize("line", [
    "prepare ../x@a.example\n", "prepare -u@a.example\n", "prepare a@b;c\n", "delete a@b.c\n",
])
def test_root_does_nothing_else(monkeypatch, line):
    monkeypatch.setattr(dovecot, "succeeds", lambda *_a, **_k: pytest.fail("it did"))
    monkeypatch.setattr("sys.stdin", io.StringIO(line))
    assert dovecot.main() == 1
