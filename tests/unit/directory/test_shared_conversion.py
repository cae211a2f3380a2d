from __future__ import annotations

import pytest

from relevo.directory import administrators, app_passwords, dovecot, lists, mailboxes, owners, shared, shared_conversion
from relevo.directory.models import AuditEntry, Mailbox
from relevo.errors import DirectoryError

INFO, ANA, LUIS = "info@example.org", "ana@example.org", "luis@example.org"
STRONG = "unrelated-words-9"


@pytest.fixture
def people(platform) -> None:
    for address in (INFO, ANA, LUIS):
        mailboxes.add(address, STRONG, name="Somebody")


@pytest.fixture
def forgotten(monkeypatch, django_commits) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    monkeypatch.setattr(dovecot, "forget", lambda address, *, lost=False: found.append((address, lost)))
    return found


@pytest.fixture
def django_commits(monkeypatch) -> None:
    """The tests' transaction is never committed: what is to follow a commit follows at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act: act())
    monkeypatch.setattr("relevo.directory.hooks.transaction.on_commit", lambda act: act())


def test_a_mailbox_becomes_a_shared_one_and_what_such_a_one_has_not_ends(people, forgotten, lookup):
    box = Mailbox.objects.get(address=INFO)
    good = owners.good_for(box)
    app_passwords.add(box, "phone", ["imap"])
    made = shared_conversion.share(INFO, readers=[ANA], writers=[LUIS], senders=[LUIS])
    assert made.pk == box.pk  # the same one: its mail is where it was
    assert (made.name, made.quota_mb) == (box.name, box.quota_mb)
    assert lookup("lookup_shared", "member, level", mailbox=INFO) == {(ANA, "read"), (LUIS, "write")}
    assert lookup("lookup_mailbox", "address", address=INFO) == {(INFO,)}
    assert lookup("lookup_app_password", "address", address=INFO) == set()
    assert owners.owner(box.pk, good) is None  # its session of the portal
    assert (INFO, True) in forgotten  # its sessions of Dovecot
    with pytest.raises(DirectoryError, match="is wrong"):
        owners.log_in(INFO, STRONG, "192.0.2.7")
    assert AuditEntry.objects.filter(action="shared.from_mailbox", subject=INFO).exists()


def test_and_back_it_waits_for_a_password(people, forgotten, lookup):
    shared_conversion.share(INFO, readers=[ANA])
    forgotten.clear()
    box = shared_conversion.unshare(INFO)
    assert lookup("lookup_shared", "member", mailbox=INFO) == set()
    assert mailboxes.listing().filter(pk=box.pk).exists()
    with pytest.raises(DirectoryError, match="is wrong"):
        owners.log_in(INFO, STRONG, "192.0.2.7")
    mailboxes.set_password(INFO, "several-other-words-7")
    assert owners.log_in(INFO, "several-other-words-7", "192.0.2.7") == box
    assert forgotten[0] == (INFO, True)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda: lists.add("all@example.org", [ANA], owners=[INFO]), "looks after the list all@example.org"),
        (lambda: shared.add("sales@example.org", readers=[INFO]), "opens the shared mailbox sales@example.org"),
        (lambda: mailboxes.change(INFO, forward=[ANA]), "forwards its mail to ana@example.org"),
        (lambda: administrators.add(INFO, STRONG, role="global"), "is an administrator's address"),
        (lambda: shared_conversion.share(INFO), "is a shared mailbox already"),
        (lambda: mailboxes.remove(INFO), "was removed on"),
    ],
)
def test_where_it_can_t_be_one_sentence_says_why_and_nothing_is_changed(people, prepare, said):
    prepare()
    before = Mailbox.objects.values().get(address=INFO), list(AuditEntry.objects.values_list("pk", flat=True))
    with pytest.raises(DirectoryError, match=said):
        shared_conversion.share(INFO, readers=[ANA])
    after = Mailbox.objects.values().get(address=INFO), list(AuditEntry.objects.values_list("pk", flat=True))
    assert after == before


def test_a_member_who_is_nobody_leaves_all_as_it_was(people):
    with pytest.raises(DirectoryError, match="nobody has the mailbox"):
        shared_conversion.share(INFO, readers=["nobody@example.org"])
    assert owners.log_in(INFO, STRONG, "192.0.2.7")


@pytest.mark.parametrize("address", [ANA, "nobody@example.org"])
def test_what_is_no_shared_one_is_not_made_one_person_s(people, address):
    with pytest.raises(DirectoryError, match="there is no shared mailbox"):
        shared_conversion.unshare(address)
