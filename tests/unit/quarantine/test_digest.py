"""Who gets which list, once; whatever is interrupted."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from relevo.directory import audit, mailboxes, owners
from relevo.directory.digest_models import Digest, DigestLink, DigestRun
from relevo.directory.links import LinkError
from relevo.directory.models import AuditEntry, Mailbox
from relevo.directory.quarantine.changing import act
from relevo.directory.quarantine.copies import RELEASED
from relevo.directory.quarantine.digest import daily, links, runs, sending
from relevo.directory.quarantine.handing_in import UnknownOutcome
from relevo.directory.quarantine.sight import EVERYTHING
from relevo.errors import DirectoryError, QuarantineError
from tests.unit.quarantine.memory import MemoryStore, stored

CLIENT = "192.0.2.7"


@pytest.fixture
def night(kept: MemoryStore) -> MemoryStore:
    """What was refused in the last hour."""
    for number in kept.at:
        kept.at[number] = timezone.now() - timedelta(hours=1)
    return kept


def arrive(kept: MemoryStore, number: str, *recipients: str, **more: str) -> None:
    kept.at[kept.add(stored(number, *recipients, **more))] = timezone.now()


def letters(kept: MemoryStore) -> dict[str, EmailMessage]:
    """Return what was sent, by its only recipient; and forget it."""
    sent = {to[0]: email.message_from_bytes(raw, policy=email.policy.default) for _, to, raw in kept.sent}
    assert len(sent) == len(kept.sent)
    assert all(len(to) == 1 and not sender for sender, to, _ in kept.sent)
    kept.sent.clear()
    return sent  # type: ignore[return-value]


def secrets_in(message: EmailMessage) -> list[str]:
    body = message.get_body(("plain",))
    assert body is not None
    return re.findall(r"/account/release/\?t=(\S+)", body.get_content())


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return body.get_content().replace("\N{ZERO WIDTH SPACE}", "")


def ana() -> Mailbox:
    return owners.people().get(address="ana@example.org")


def test_each_owner_gets_what_is_new_and_nobody_else_anything(night: MemoryStore) -> None:
    assert sending.make("one").sent == 2
    sent = letters(night)
    assert set(sent) == {"ana@example.org", "ana@second.example"}
    first, second = (text_of(sent[one]) for one in ("ana@example.org", "ana@second.example"))
    assert all(word in first for word in ("Win", "For both", "Invoice", "forbidden attachment", "17.2 points"))
    assert "For both" in second
    assert "Win" not in second
    assert [len(secrets_in(one)) for one in sent.values()] == [2, 1]  # an attachment only an administrator releases


def test_nothing_new_is_no_mail_and_what_is_done_with_is_not_new(night: MemoryStore) -> None:
    sending.make("one")
    letters(night)
    assert sending.make("two").sent == 0
    arrive(night, "Later0000004", "sales@example.org", subject="By an alias")
    arrive(night, "Gone00000005", "ana@second.example")
    act(EVERYTHING, RELEASED, ["Gone00000005"])
    night.sent.clear()
    assert sending.make("three").sent == 1
    only = letters(night)["ana@example.org"]
    assert "By an alias" in text_of(only)
    assert "Win" not in text_of(only)


def test_a_run_is_made_once(night: MemoryStore) -> None:
    at = datetime(2026, 11, 29, 7, tzinfo=UTC)
    assert "2 lists" in daily.daily(at)
    arrive(night, "Later0000004", "ana@example.org")
    assert daily.daily(at + timedelta(hours=1)) == ""
    assert len(night.sent) == 2
    assert "1 list" in daily.daily(at + timedelta(days=1))


@pytest.mark.parametrize(
    ("hour", "on", "name"), [(6, True, ""), (7, True, "2026-11-29"), (23, True, "2026-11-29"), (7, False, "")]
)
def test_when_it_is_due(settings_of, hour: int, on: bool, name: str) -> None:
    with settings_of(RELEVO_DIGEST=on):
        assert daily.due(datetime(2026, 11, 29, hour, tzinfo=UTC)) == name


def test_two_processes_at_once_send_one_list_each(night: MemoryStore, monkeypatch) -> None:
    hand_in = night.hand_in

    def meanwhile(sender: str, recipients: list[str], message: bytes) -> None:
        monkeypatch.setattr(sending, "hand_in", hand_in)
        sending.make("one")  # the other one comes while the first asks Postfix
        hand_in(sender, recipients, message)

    monkeypatch.setattr(sending, "hand_in", meanwhile)
    sending.make("one")
    assert set(letters(night)) == {"ana@example.org", "ana@second.example"}


class PowerCut(BaseException):
    """The machine dies."""


@pytest.mark.parametrize("arrived", [True, False])
def test_who_dies_while_postfix_is_asked_sends_no_second_one_that_day(
    night: MemoryStore, monkeypatch, arrived: bool
) -> None:
    hand_in = night.hand_in

    def die(sender: str, recipients: list[str], message: bytes) -> None:
        if arrived:
            hand_in(sender, recipients, message)
        raise PowerCut

    monkeypatch.setattr(sending, "hand_in", die)
    with pytest.raises(PowerCut):
        sending.make("one")
    monkeypatch.setattr(sending, "hand_in", hand_in)
    sending.make("one")  # the other node goes on
    sent = letters(night)
    assert ("ana@example.org" in sent) is arrived
    assert "ana@second.example" in sent
    arrive(night, "Later0000004", "ana@example.org", subject="Of the next day")
    sending.make("two")
    made_up = text_of(letters(night)["ana@example.org"])
    assert "Of the next day" in made_up
    assert "Win" in made_up  # nobody knows whether the first one arrived
    sending.make("three")
    assert not night.sent


def test_what_postfix_refuses_is_sent_with_the_next_attempt(night: MemoryStore) -> None:
    night.refuses = QuarantineError("Postfix does not take it now")
    made = sending.make("one")
    assert (made.sent, made.failed, Digest.objects.count()) == (0, 2, 0)
    assert not runs.is_over("one")
    night.refuses = None
    assert sending.make("one").sent == 2
    assert runs.is_over("one")


def test_a_day_that_never_ended_is_not_told_twice(night: MemoryStore, monkeypatch) -> None:
    hand_in = night.hand_in

    def only_first(sender: str, recipients: list[str], message: bytes) -> None:
        if recipients == ["ana@second.example"]:
            raise QuarantineError("no")
        hand_in(sender, recipients, message)

    monkeypatch.setattr(sending, "hand_in", only_first)
    assert sending.make("one").failed == 1
    letters(night)
    monkeypatch.setattr(sending, "hand_in", hand_in)
    sending.make("two")
    assert set(letters(night)) == {"ana@second.example"}


def test_of_an_unknown_outcome_the_next_list_tells_again(night: MemoryStore) -> None:
    night.refuses = UnknownOutcome("no answer")
    assert sending.make("one").unknown == 2
    night.refuses = None
    letters(night)
    assert sending.make("one").sent == 0
    assert sending.make("two").sent == 2


def test_when_postfix_is_away_it_is_not_asked_for_everybody(night: MemoryStore) -> None:
    for number in range(12):
        mailboxes.add(f"box{number:02}@example.org", "unrelated-words-9")
        arrive(night, f"Many{number:08}", f"box{number:02}@example.org")
    night.refuses = QuarantineError("Postfix does not take it now")
    assert sending.make("one").failed == 5
    night.refuses = None
    assert sending.make("one").sent == 14


def test_an_owner_who_wants_none_gets_none_and_in_their_language(night: MemoryStore) -> None:
    owners.choose(ana(), digest=False)
    owners.choose(Mailbox.objects.get(address="ana@second.example"), language="es")
    sending.make("one")
    sent = letters(night)
    assert set(sent) == {"ana@second.example"}
    assert sent["ana@second.example"]["Content-Language"] == "es"
    assert "Se rechaz" in str(sent["ana@second.example"]["Subject"])
    assert [one.action for one in AuditEntry.objects.filter(action="mailbox.choice")] == ["mailbox.choice"] * 2
    with pytest.raises(DirectoryError):
        owners.choose(ana(), language="xx")


def test_who_is_switched_off_gets_none(night: MemoryStore) -> None:
    mailboxes.change("ana@second.example", enabled=False)
    sending.make("one")
    assert set(letters(night)) == {"ana@example.org"}


def test_the_first_run_of_all_tells_of_one_day(kept: MemoryStore) -> None:
    kept.at = dict.fromkeys(kept.at, timezone.now() - timedelta(days=3))
    arrive(kept, "Fresh0000004", "ana@example.org", subject="Fresh")
    sending.make("one")
    only = text_of(letters(kept)["ana@example.org"])
    assert "Fresh" in only
    assert "Win" not in only


def test_a_quarantine_that_was_made_anew_begins_anew(night: MemoryStore) -> None:
    sending.make("one")
    letters(night)
    night.mails, night.at, night.validity = {}, {}, 2
    arrive(night, "Fresh0000001", "ana@example.org", subject="Fresh")
    with pytest.raises(QuarantineError):
        sending.make("one")
    assert sending.make("two").sent == 1


def test_a_long_list_says_how_many_more_there_are(night: MemoryStore) -> None:
    for number in range(60):
        arrive(night, f"Many{number:08}", "ana@second.example", subject=f"Offer {number:02}")
    sending.make("one")
    only = letters(night)["ana@second.example"]
    assert "61 messages" in str(only["Subject"])
    assert "and 11 more" in text_of(only)
    assert "Offer 59" in text_of(only)
    assert len(secrets_in(only)) == 50


def test_a_list_for_one_owner_takes_nothing_from_the_others_and_is_not_told_again(night: MemoryStore) -> None:
    assert sending.make("by order", "ana@second.example").sent == 1
    assert set(letters(night)) == {"ana@second.example"}
    assert sending.make("one").sent == 1
    assert set(letters(night)) == {"ana@example.org"}
    assert sending.make("by order again", "luis@example.org").sent == 0


def test_old_runs_are_forgotten_but_the_last(night: MemoryStore) -> None:
    sending.make("one")
    sending.make("two")
    old = timezone.now() - timedelta(days=50)
    DigestRun.objects.update(began_at=old)
    Digest.objects.update(begun_at=old)
    runs.forget()
    assert (list(DigestRun.objects.values_list("name", flat=True)), Digest.objects.count()) == (["two"], 0)
    letters(night)
    assert sending.make("three").sent == 0


def test_queries_per_owner_do_not_grow_with_the_messages(night: MemoryStore) -> None:
    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as counted:
            sending.make(name)
        return len(counted)

    arrive(night, "One000000010", "ana@second.example")
    sending.make("zero")
    arrive(night, "One000000011", "ana@second.example")
    one = queries("one")
    for number in range(30):
        arrive(night, f"Many{number:08}", "ana@second.example")
    assert queries("two") == one


# --- links -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def secret(night: MemoryStore) -> str:
    """The link of `Win`, for ana."""
    sending.make("one")
    found = secrets_in(letters(night)["ana@example.org"])
    return next(one for one in found if links.copy_of(links.find(one, CLIENT)).subject == "Win")


def test_a_link_releases_once(night: MemoryStore, secret: str) -> None:
    links.release(links.find(secret, CLIENT), CLIENT)
    assert [to for _, to, _ in night.sent] == [("ana+shop@example.org",)]
    with pytest.raises(LinkError, match="used"):
        links.find(secret, CLIENT)
    entry = AuditEntry.objects.get(action="quarantine.release")
    assert (entry.actor, entry.source, entry.detail["token"]) == ("ana@example.org", CLIENT, "digest")


def test_two_at_once_release_once(night: MemoryStore, secret: str) -> None:
    one, other = links.find(secret, CLIENT), links.find(secret, CLIENT)
    links.release(one, CLIENT)
    with pytest.raises(LinkError):
        links.release(other, CLIENT)
    assert len(night.sent) == 1


def test_what_was_released_otherwise_is_not_released_again(night: MemoryStore, secret: str) -> None:
    act(EVERYTHING, RELEASED, ["Spam-One_001"])
    outcome = links.release(links.find(secret, CLIENT), CLIENT)
    assert len(outcome.left) == 1
    assert len(night.sent) == 1


def test_a_link_with_which_nothing_was_sent_stays_good(night: MemoryStore, secret: str) -> None:
    night.refuses = QuarantineError("Postfix does not take it now")
    with pytest.raises(QuarantineError):
        links.release(links.find(secret, CLIENT), CLIENT)
    night.refuses = None
    links.release(links.find(secret, CLIENT), CLIENT)
    assert len(night.sent) == 1


def test_a_link_of_which_nobody_knows_is_used_up(night: MemoryStore, secret: str) -> None:
    night.refuses = UnknownOutcome("no answer")
    with pytest.raises(QuarantineError):
        links.release(links.find(secret, CLIENT), CLIENT)
    with pytest.raises(LinkError, match="used"):
        links.find(secret, CLIENT)


def test_a_link_is_for_its_owner_alone(night: MemoryStore) -> None:
    sending.make("one")
    both = secrets_in(letters(night)["ana@second.example"])[0]
    links.release(links.find(both, CLIENT), CLIENT)
    assert [to for _, to, _ in night.sent] == [("ana@second.example",)]


def test_the_database_has_no_secret(secret: str) -> None:
    assert not DigestLink.objects.filter(hashed__contains=secret).exists()
    assert secret not in str(list(AuditEntry.objects.values()))


def test_an_old_one_is_over(secret: str) -> None:
    DigestLink.objects.update(expires_at=timezone.now())
    with pytest.raises(LinkError, match="old"):
        links.find(secret, CLIENT)


def test_who_is_switched_off_has_no_link(secret: str) -> None:
    mailboxes.change("ana@example.org", enabled=False)
    with pytest.raises(LinkError):
        links.find(secret, CLIENT)


def test_who_guesses_waits_and_others_do_not(secret: str) -> None:
    for _attempt in range(5):
        with pytest.raises(LinkError):
            links.find("guess", CLIENT)
    with pytest.raises(DirectoryError, match="too many"):
        links.find(secret, CLIENT)
    assert links.find(secret, "198.51.100.1")


def test_a_link_also_ends_the_lists(secret: str) -> None:
    links.stop(links.find(secret, CLIENT), CLIENT)
    assert not owners.wants_digest(ana())
    assert audit.actor.get() == ""
