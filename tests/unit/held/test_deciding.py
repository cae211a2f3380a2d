"""Let through, refuse, delete: by who may, once, and noted."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes

import pytest

from tests.unit.held.memory import MemoryBox, stored  # isort: skip - Django is started by the conftest
from django.db import IntegrityError
from django.utils import timezone

from relevo.directory import administrators, lists, scope
from relevo.directory.held import chores, deciding, sight
from relevo.directory.held.asking import find, listing, whole
from relevo.directory.held.deciding import act
from relevo.directory.held.posts import APPROVED, DELETED, INTERRUPTED, REFUSED
from relevo.directory.held.sight import EVERYTHING, Sight
from relevo.directory.held.words import sentences
from relevo.directory.models import AuditEntry, DistributionList, Mailbox
from relevo.directory.moderation_models import PostMark
from relevo.directory.quarantine.handing_in import UnknownOutcome
from relevo.errors import DirectoryError, QuarantineError

WAY = "all+relevo-members@example.org"


def key(domain: str = "example.org") -> int:
    return DistributionList.objects.get(address=f"all@{domain}").pk


def of(address: str) -> Sight:
    return sight.of_owner(Mailbox.objects.get(address=address))


def put(posts: MemoryBox, queued: str = "4jcbQ71MCGz2GD30", domain: str = "example.org", **more: object) -> str:
    posts.add(stored(queued, key(domain), **more))
    return f"{queued}-{key(domain)}"


def test_an_owner_and_an_administrator_see_the_posts_to_their_lists(posts: MemoryBox) -> None:
    first, second = put(posts), put(posts, "4jcbNS0xsfz2GD3S", "second.example")
    assert [one.id for one in listing(EVERYTHING).posts] == [second, first]
    assert [one.id for one in listing(of("ana@example.org")).posts] == [first]
    assert listing(of("eva@example.org")).posts == []
    helper = administrators.add("h@else.example", "unrelated-words-9", domains=["second.example"])
    assert [one.list for one in listing(scope.held(helper)).posts] == ["all@second.example"]
    for stranger in (of("eva@example.org"), scope.held(helper)):
        with pytest.raises(DirectoryError, match="no post"):
            whole(stranger, first)
        assert act(stranger, APPROVED, [first]).gone == [first]
    assert posts.sent == []


def test_a_list_is_searched_and_goes_on_behind_the_last_one(posts: MemoryBox) -> None:
    for number in range(3):
        put(posts, f"4jcbQ71MCGz2GD3{number}", subject=f"Offer {number}")
    page = listing(EVERYTHING, limit=2)
    assert (len(page.posts), page.matching) == (2, 3)
    assert [one.subject for one in listing(EVERYTHING, limit=2, after=page.after).posts] == ["Offer 0"]
    assert [one.subject for one in listing(EVERYTHING, text="OUTSIDE offer 1").posts] == ["Offer 1"]


def test_let_through_it_goes_to_the_members_as_from_its_author_and_waits_no_more(posts: MemoryBox) -> None:
    number = put(posts)
    outcome = act(of("ana@example.org"), APPROVED, [number])
    ((sender, recipients, message),) = posts.sent
    assert (sender, recipients) == ("bad@outside.example", (WAY,))
    assert b"\r\nSubject: Hello\r\n" in message
    assert sentences(outcome) == ["1 post is on its way to the members."]
    assert posts.mails == {}
    entry = AuditEntry.objects.get(action="post.approve")
    assert (entry.subject, entry.detail["id"]) == ("all@example.org", number)


def test_two_at_once_meet_at_the_note(posts: MemoryBox) -> None:
    number = put(posts)
    PostMark.objects.create(post=number, what=APPROVED)  # the other node has just begun
    outcome = act(EVERYTHING, APPROVED, [number])
    assert sentences(outcome) == ["Somebody else decides about 1 just now."]
    assert posts.sent == []


def test_who_saw_it_open_and_comes_second_sends_nothing(posts: MemoryBox) -> None:
    number = put(posts)
    seen = find(EVERYTHING, number)
    deciding._begin(seen, APPROVED)  # noqa: SLF001 - what the other node does between our look and our note
    with pytest.raises(IntegrityError):  # outside of the tests' transaction it becomes a sentence
        deciding._begin(seen, REFUSED)  # noqa: SLF001 - the same
    assert posts.sent == []


def test_what_a_machine_that_died_has_begun_is_said_and_may_be_done_again(posts: MemoryBox) -> None:
    number = put(posts)
    PostMark.objects.create(post=number, what=APPROVED)
    PostMark.objects.update(begun_at=timezone.now() - timedelta(minutes=3))
    assert find(EVERYTHING, number).state == INTERRUPTED
    act(EVERYTHING, APPROVED, [number])
    assert len(posts.sent) == 1


def test_when_postfix_is_away_nothing_is_begun(posts: MemoryBox) -> None:
    number = put(posts)
    posts.refuses = QuarantineError("Postfix does not take it now")
    with pytest.raises(QuarantineError, match="does not take it"):
        act(EVERYTHING, APPROVED, [number])
    assert not PostMark.objects.exists()
    assert find(EVERYTHING, number).is_open


def test_when_nobody_knows_it_is_not_sent_again_by_itself(posts: MemoryBox) -> None:
    number = put(posts)
    posts.refuses = UnknownOutcome("nobody knows")
    with pytest.raises(QuarantineError, match="nobody knows"):
        act(EVERYTHING, APPROVED, [number])
    assert not find(EVERYTHING, number).is_open
    assert posts.mails


def test_one_delivered_twice_is_one_post(posts: MemoryBox) -> None:
    number = put(posts)
    put(posts)
    assert [one.id for one in listing(EVERYTHING).posts] == [number]
    act(EVERYTHING, APPROVED, [number])
    assert (len(posts.sent), posts.mails) == (1, {})


def test_what_is_decided_is_not_shown_when_the_mail_could_not_be_removed(posts: MemoryBox, monkeypatch) -> None:
    number = put(posts)

    def fails(_numbers: object) -> None:
        raise QuarantineError("gone away")

    with monkeypatch.context() as patch:
        patch.setattr(posts, "remove", fails)
        act(EVERYTHING, APPROVED, [number])
    assert posts.mails
    assert listing(EVERYTHING).posts == []
    chores.tidy()
    assert posts.mails == {}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"vouched": True}, True),
        ({"vouched": False}, False),
        ({"vouched": False, "inside": True, "sender": "luis@example.org"}, True),
        ({"vouched": False, "inside": True}, False),  # a user's Sieve has redirected a stranger's
    ],
)
def test_who_is_refused_is_told_only_when_it_is_known_who_that_is(posts: MemoryBox, more: dict, told: bool) -> None:
    number = put(posts, **more)
    outcome = act(of("ana@example.org"), REFUSED, [number], "Not  about\nour work")
    assert posts.mails == {}
    assert bool(posts.sent) is told
    if told:
        ((sender, recipients, raw),) = posts.sent
        message = message_from_bytes(raw)
        assert (sender, recipients) == ("", (more.get("sender", "bad@outside.example"),))
        assert message["Auto-Submitted"] == "auto-replied"
        assert "They say: Not about our work" in message.get_payload(decode=True).decode()
        assert sentences(outcome) == ["1 post is refused."]
    else:
        assert "was not told" in sentences(outcome)[1]
    assert AuditEntry.objects.get(action="post.refuse").detail["reason"] == "Not about our work"


def test_when_the_refusal_can_t_be_sent_nothing_is_done(posts: MemoryBox) -> None:
    number = put(posts)
    posts.refuses = QuarantineError("Postfix does not take it now")
    with pytest.raises(QuarantineError):
        act(EVERYTHING, REFUSED, [number], "no")
    assert find(EVERYTHING, number).is_open


def test_deleted_nobody_is_told(posts: MemoryBox) -> None:
    number = put(posts)
    act(EVERYTHING, DELETED, [number])
    assert (posts.sent, posts.mails) == ([], {})
    assert AuditEntry.objects.filter(action="post.delete").exists()


@pytest.mark.parametrize("options", [{"members": []}, {"enabled": False}])
def test_what_would_reach_nobody_waits(posts: MemoryBox, options: dict) -> None:
    number = put(posts)
    lists.change("all@example.org", **options)
    with pytest.raises(QuarantineError, match="its posts wait"):
        act(EVERYTHING, APPROVED, [number])
    assert find(EVERYTHING, number).is_open


def test_a_list_that_holds_no_more_gets_what_waits_by_its_address(posts: MemoryBox) -> None:
    number = put(posts)
    lists.change("all@example.org", moderated="off")
    act(EVERYTHING, APPROVED, [number])
    assert posts.sent[0][1] == ("all@example.org",)


@pytest.mark.parametrize(
    ("do", "ids", "reason", "said"),
    [("", ["4jcbQ71MCGz2GD30-1"], "", "what is to be done"), (APPROVED, [], "", "at least one"),
     (APPROVED, ["x"], "", "not the id"), (REFUSED, ["4jcbQ71MCGz2GD30-1"], "x" * 501, "at most 500")],
)
def test_bad_input_is_refused(posts: MemoryBox, do: str, ids: list[str], reason: str, said: str) -> None:
    with pytest.raises(DirectoryError, match=said):
        act(EVERYTHING, do, ids, reason)
    assert posts.sent == []


def test_after_its_days_a_post_goes_and_so_does_what_is_of_no_list(posts: MemoryBox) -> None:
    young = put(posts)
    posts.add(stored("4jcbNS0xsfz2GD3S", key()), days=31)
    posts.add(stored("4jcbNT5DlMz2GCkP", 999))
    posts.add(b"Subject: no post\n\n", days=40)
    assert chores.tidy() == 2
    assert [one.id for one in listing(EVERYTHING).posts] == [young]
    assert len(posts.mails) == 1


def test_whole_is_what_the_sender_wrote(posts: MemoryBox) -> None:
    found, reading = whole(EVERYTHING, put(posts))
    assert found.subject == "Hello"
    assert reading.text.strip() == "hello"
    assert "Delivered-To" not in dict(reading.headers)
