"""Release and delete: for one's own recipients, once, and noted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.quarantine.memory import MemoryStore, stored  # isort: skip - Django is started by the conftest
from django.utils import timezone

from relevo.directory.models import AuditEntry, Mailbox
from relevo.directory.quarantine import chores, sight
from relevo.directory.quarantine.asking import find, listing, whole
from relevo.directory.quarantine.changing import act
from relevo.directory.quarantine.copies import DELETED, RELEASED
from relevo.directory.quarantine.handing_in import UnknownOutcome
from relevo.directory.quarantine.sight import EVERYTHING, Sight
from relevo.directory.quarantine.words import sentences
from relevo.directory.quarantine_models import QuarantineMark
from relevo.errors import DirectoryError, QuarantineError, UnavailableError

SECOND = Sight(domains=frozenset({"second.example"}))


def ana() -> Sight:
    return sight.of_owner(Mailbox.objects.get(address="ana@example.org"))


def noted() -> list[tuple[str, str, str]]:
    found = AuditEntry.objects.filter(action__startswith="quarantine.").order_by("pk")
    return [(entry.action, entry.subject, str(entry.detail["id"])) for entry in found]


def test_an_owner_sees_what_was_for_the_mailbox_and_for_addresses_that_lead_to_it_alone(kept: MemoryStore) -> None:
    assert ana().addresses == {"ana@example.org", "sales@example.org"}  # not info@, which others get too
    kept.add(stored("Sales0000004", "sales@example.org"))
    kept.add(stored("Info00000005", "info@example.org"))
    assert [one.id for one in listing(ana()).copies] == [
        "Sales0000004", "Program00003", "Both00000002", "Spam-One_001"
    ]
    assert [one.id for one in listing(SECOND).copies] == ["Both00000002"]
    assert listing(SECOND).copies[0].elsewhere == 1
    assert len(listing(EVERYTHING).copies) == 5


def test_pages_go_on_behind_the_last_one(kept: MemoryStore) -> None:
    first = listing(EVERYTHING, limit=2)
    assert ([one.id for one in first.copies], first.matching) == (["Program00003", "Both00000002"], 3)
    second = listing(EVERYTHING, limit=2, after=first.after)
    assert ([one.id for one in second.copies], second.after) == (["Spam-One_001"], 0)


def test_released_to_whom_it_was_for_and_from_whom_it_was(kept: MemoryStore) -> None:
    outcome = act(ana(), RELEASED, ["Spam-One_001"])
    ((sender, recipients, message),) = kept.sent
    assert (sender, recipients) == ("bad@outside.example", ("ana+shop@example.org",))
    assert b"Subject: Win" in message
    assert sentences(outcome) == ["1 message is released and on its way."]
    assert noted() == [("quarantine.release", "ana+shop@example.org", "Spam-One_001")]
    assert [one.state for one in find(ana(), "Spam-One_001").recipients] == [RELEASED]


def test_nobody_gets_it_twice(kept: MemoryStore) -> None:
    act(ana(), RELEASED, ["Both00000002"])
    again = act(ana(), RELEASED, ["Both00000002"])
    assert sentences(again) == ["1 was released before."]
    act(EVERYTHING, RELEASED, ["Both00000002"])  # the other recipient
    assert [recipients for _sender, recipients, _message in kept.sent] == [
        ("ana@example.org",), ("ana@second.example",)
    ]


def test_two_at_once_meet_at_the_note(kept: MemoryStore) -> None:
    QuarantineMark.objects.create(copy="Spam-One_001", recipient="ana+shop@example.org", what=RELEASED)
    act(ana(), RELEASED, ["Spam-One_001"])
    assert kept.sent == []


def test_one_that_was_interrupted_says_so_and_may_be_released_again(kept: MemoryStore) -> None:
    kept.refuses = UnknownOutcome("nobody knows")
    with pytest.raises(QuarantineError, match="nobody knows"):
        act(ana(), RELEASED, ["Spam-One_001"])
    QuarantineMark.objects.update(begun_at=timezone.now() - timedelta(minutes=5))
    assert [one.state for one in find(ana(), "Spam-One_001").recipients] == ["interrupted"]
    kept.refuses = None
    act(ana(), RELEASED, ["Spam-One_001"])
    assert len(kept.sent) == 2
    assert len(noted()) == 1


def test_what_postfix_does_not_take_can_be_released_later(kept: MemoryStore) -> None:
    kept.refuses = QuarantineError("Postfix does not take it now")
    with pytest.raises(QuarantineError, match="does not take it"):
        act(ana(), RELEASED, ["Spam-One_001"])
    assert (noted(), QuarantineMark.objects.count()) == ([], 0)
    kept.refuses = None
    act(ana(), RELEASED, ["Spam-One_001"])
    assert len(kept.sent) == 1


def test_released_but_not_noted_is_said_and_never_sent_again_by_itself(kept: MemoryStore, monkeypatch) -> None:
    def away(*_: object) -> None:
        raise UnavailableError("no majority")

    with monkeypatch.context() as gone:
        gone.setattr("relevo.directory.quarantine.changing._note_released", away)
        with pytest.raises(QuarantineError, match="released, but that could not be noted"):
            act(ana(), RELEASED, ["Spam-One_001"])
    act(ana(), RELEASED, ["Spam-One_001"])
    assert len(kept.sent) == 1


def test_programs_and_forged_mail_are_for_administrators_to_release(kept: MemoryStore) -> None:
    kept.add(stored("Forged000004", "ana@example.org", kind="forged"))
    outcome = act(ana(), RELEASED, ["Program00003", "Forged000004"])
    assert sentences(outcome) == ["2 hold a program or are forged: only an administrator releases them."]
    assert kept.sent == []
    act(EVERYTHING, RELEASED, ["Program00003"])
    assert len(kept.sent) == 1


def test_a_stranger_s_copy_is_not_there(kept: MemoryStore) -> None:
    for do in (RELEASED, DELETED):
        assert act(SECOND, do, ["Spam-One_001"]).gone == ["Spam-One_001"]
    with pytest.raises(DirectoryError, match="no message Spam-One_001"):
        whole(SECOND, "Spam-One_001")
    assert (kept.sent, len(kept.mails), noted()) == ([], 3, [])


def test_deleted_for_one_it_stays_for_the_others(kept: MemoryStore) -> None:
    assert sentences(act(SECOND, DELETED, ["Both00000002"])) == ["1 message is deleted."]
    assert listing(SECOND).copies == []
    assert "Both00000002" in {one.id for one in listing(ana()).copies}
    act(ana(), DELETED, ["Both00000002"])
    assert len(kept.mails) == 2
    assert [subject for _action, subject, _id in noted()] == ["ana@second.example", "ana@example.org"]


def test_a_deleted_one_is_not_released(kept: MemoryStore) -> None:
    act(SECOND, DELETED, ["Both00000002"])
    act(EVERYTHING, RELEASED, ["Both00000002"])
    assert [recipients for _sender, recipients, _message in kept.sent] == [("ana@example.org",)]


@pytest.mark.parametrize("ids", [[], ["../x"], ["a b"], [f"Number{n:06}" for n in range(201)]])
def test_bad_ids_are_one_clear_error(kept: MemoryStore, ids: list[str]) -> None:
    with pytest.raises(DirectoryError):
        act(EVERYTHING, RELEASED, ids)


def test_after_its_days_a_copy_goes_and_so_does_what_became_of_it(kept: MemoryStore, settings_of) -> None:
    kept.add(stored("Old000000004", "ana@example.org"), days=1000)
    QuarantineMark.objects.create(copy="Old000000004", recipient="ana@example.org", what=RELEASED)
    QuarantineMark.objects.update(begun_at=timezone.now() - timedelta(days=1000))
    with settings_of(RELEVO_QUARANTINE_DAYS=500):
        assert chores.tidy() == 1
    assert (len(kept.mails), QuarantineMark.objects.count()) == (3, 0)
    with settings_of(RELEVO_QUARANTINE_DAYS=0):
        assert chores.tidy() == 3


def test_when_room_is_short_the_oldest_go() -> None:
    assert chores.too_many({1: 50, 2: 30, 3: 40}, 100) == [1]
    assert chores.too_many({1: 50, 2: 30, 3: 40}, 120) == []
    assert chores.too_many({1: 1, 2: 500, 3: 40}, 100) == [2, 1]
    assert chores.too_many({}, 100) == []
