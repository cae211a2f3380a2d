"""App passwords, as Dovecot asks for them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from relevo.directory import app_passwords, describe, domains, mailboxes, passwords
from relevo.directory.models import AuditEntry
from relevo.directory.owner_models import AppPassword
from relevo.errors import DirectoryError

ANA, STRONG = "ana@example.org", "unrelated-words-9"


@pytest.fixture
def ana(platform):
    return mailboxes.add(ANA, STRONG)


def asked(lookup, plain: str, protocol: str, address: str = ANA) -> bool:
    """Do what Dovecot does: find the row by the handle, compare its hash."""
    handle = app_passwords.handle_of(plain, address)
    rows = lookup("lookup_app_password", "password", address=address, protocol=protocol, handle=handle)
    return any(passwords.matches(str(hashed), plain) for (hashed,) in rows)


def test_the_handle_is_the_one_that_dovecot_computes():
    """Seen in a query of Dovecot 2.4.1: `%{password | sha256(rounds=1000, salt=user) | hexlify | substr(0, 16)}`."""
    assert app_passwords.handle_of("abcd-efgh-jkmn-pqrs-tuvw", ANA) == "90b465142434a86d"
    assert app_passwords.handle_of("bbbb-efgh-jkmn-pqrs-tuvw", ANA) == "bf52bc23f5ffc62a"


def test_each_is_good_for_its_protocols_and_its_mailbox(ana, lookup):
    mailboxes.add("luis@example.org", STRONG)
    made = app_passwords.add(ana, "phone", ["imap", "smtp"])
    assert [asked(lookup, made.plain, protocol) for protocol in ("imap", "smtp", "pop3", "sieve", "lmtp")] == [
        True, True, False, False, False,
    ]
    assert not asked(lookup, made.plain, "imap", "luis@example.org")
    assert not asked(lookup, STRONG, "imap")
    assert not asked(lookup, app_passwords.draw(), "imap")


def test_many_are_told_apart(ana, lookup):
    made = [app_passwords.add(ana, f"p{number}", ["imap"]).plain for number in range(5)]
    assert all(asked(lookup, plain, "imap") for plain in made)
    app_passwords.revoke(ana, AppPassword.objects.get(name="p2").pk)
    assert [asked(lookup, plain, "imap") for plain in made] == [True, True, False, True, True]


@pytest.mark.parametrize("close", [
    lambda: mailboxes.change(ANA, enabled=False), lambda: mailboxes.remove(ANA),
])
def test_they_end_with_the_mailbox_and_come_back_with_it(ana, lookup, close):
    made = app_passwords.add(ana, "phone", ["imap"])
    close()
    assert not asked(lookup, made.plain, "imap")


def test_they_end_with_the_domain(platform, lookup):
    domains.add("second.example")
    made = app_passwords.add(mailboxes.add("eva@second.example", STRONG), "phone", ["imap"])
    assert asked(lookup, made.plain, "imap", "eva@second.example")
    domains.change("second.example", enabled=False)
    assert not asked(lookup, made.plain, "imap", "eva@second.example")


def test_those_of_the_portal_are_for_sieve_alone_and_run_out(ana, lookup):
    for minutes, good in ((1, True), (-1, False)):
        made = app_passwords.make(ana, "", expires_at=timezone.now() + timedelta(minutes=minutes))
        assert asked(lookup, made.plain, "sieve") is good
        assert not asked(lookup, made.plain, "imap")
    assert describe.mailbox(ana)["app_passwords"] == 0
    assert not app_passwords.of(ana).exists()


def test_all_are_revoked_at_once(ana, lookup):
    made = [app_passwords.add(ana, name, ["imap"]).plain for name in ("a", "b")]
    assert describe.mailbox(ana)["app_passwords"] == 2
    assert app_passwords.revoke_all(ana) == 2
    assert not any(asked(lookup, plain, "imap") for plain in made)
    assert AuditEntry.objects.first().detail == {"count": 2}
    with pytest.raises(DirectoryError, match="has no app passwords"):
        app_passwords.revoke_all(ana)


@pytest.mark.parametrize(("name", "protocols", "because"), [
    (" ", ["imap"], "give it a name"), ("x" * 61, ["imap"], "give it a name"), ("a\tb\x07", ["imap"], "give it a name"),
    ("x", [], "what the password is for"), ("x", ["sieve"], "what the password is for"),
    ("ONE", ["imap"], "of that name"),
])
def test_what_can_not_be_made(ana, name, protocols, because):
    app_passwords.add(ana, "one", ["imap"])
    with pytest.raises(DirectoryError, match=because):
        app_passwords.add(ana, name, protocols)


def test_there_are_not_too_many(ana):
    for number in range(app_passwords.MOST):
        app_passwords.add(ana, str(number), ["imap"])
    with pytest.raises(DirectoryError, match="revoke one first"):
        app_passwords.add(ana, "one more", ["imap"])


def test_no_password_gets_into_the_audit_log(ana):
    made = app_passwords.add(ana, "phone", ["imap"])
    assert made.plain not in repr(list(AuditEntry.objects.values()))
    assert made.plain not in repr(AppPassword.objects.values().get())
