"""Owners hear of posts that wait: at most once an hour and list, and their links decide once."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from tests.unit.held.memory import MemoryBox, stored  # isort: skip - Django is started by the conftest
from django.utils import timezone

from relevo.directory import lists, mailboxes, owners
from relevo.directory.held import chores, links, telling
from relevo.directory.held.deciding import act
from relevo.directory.held.posts import APPROVED, REFUSED
from relevo.directory.held.sight import EVERYTHING
from relevo.directory.links import LinkError
from relevo.directory.models import AuditEntry, DistributionList, Mailbox
from relevo.directory.moderation_models import PostLink, PostNotice
from relevo.directory.quarantine.handing_in import UnknownOutcome
from relevo.errors import DirectoryError, QuarantineError

CLIENT = "192.0.2.7"


def put(posts: MemoryBox, queued: str = "4jcbQ71MCGz2GD30", domain: str = "example.org", **more: object) -> str:
    key = DistributionList.objects.get(address=f"all@{domain}").pk
    posts.add(stored(queued, key, **more))
    return f"{queued}-{key}"


def later(**time: int) -> None:
    PostNotice.objects.update(at=timezone.now() - timedelta(**time))


def told(posts: MemoryBox) -> list[str]:
    return [to for _sender, (to,), _raw in posts.sent]


def link_in(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=policy.SMTP).get_body(("plain",))
    return re.findall(r"/account/held/decide/\?t=(\S+)", body.get_content())[0]


def test_each_owner_is_told_of_his_lists_with_a_link_and_nobody_else(posts: MemoryBox) -> None:
    put(posts, subject="Look at www.bad.example now")
    put(posts, "4jcbNS0xsfz2GD3S", "second.example")
    assert telling.tell().sent == 2
    assert sorted(told(posts)) == ["ana@example.org", "luis@second.example"]
    _sender, _to, raw = next(one for one in posts.sent if one[1] == ("ana@example.org",))
    message = message_from_bytes(raw, policy=policy.SMTP)
    assert message["Subject"] == "1 post to all@example.org waits for you"
    assert message["Auto-Submitted"] == "auto-generated"
    html = message.get_body(("html",)).get_content()
    assert "www.bad.example" not in html
    assert all(link.startswith("https://mail.example.org/account/held/") for link in re.findall(r'href="([^"]+)', html))


def test_at_most_once_an_hour_and_again_after_a_day(posts: MemoryBox) -> None:
    put(posts)
    assert telling.tell().sent == 1
    put(posts, "4jcbNS0xsfz2GD3S")
    assert telling.tell().sent == 0
    later(minutes=61)
    assert telling.tell().sent == 1
    later(hours=2)
    assert telling.tell().sent == 0  # he knows both
    later(hours=25)
    assert telling.tell().sent == 1
    act(EVERYTHING, APPROVED, [one.id for one in posts.posts()])
    later(hours=25)
    posts.sent.clear()
    assert telling.tell().sent == 0


def test_when_postfix_is_away_it_is_told_with_the_next_attempt(posts: MemoryBox) -> None:
    put(posts)
    posts.refuses = QuarantineError("Postfix does not take it now")
    with pytest.raises(DirectoryError, match="owners not told yet: 1"):
        chores.run()
    assert not PostNotice.objects.exists()
    assert not PostLink.objects.exists()
    posts.refuses = None
    assert chores.run() == "owners told: 1"
    assert chores.run() == ""


def test_when_nobody_knows_whether_he_was_told_he_is_not_told_twice_within_the_hour(posts: MemoryBox) -> None:
    put(posts)
    posts.refuses = UnknownOutcome("nobody knows")
    assert (telling.tell().sent, len(posts.sent)) == (0, 1)
    posts.refuses = None
    assert telling.tell().sent == 0


def test_another_node_that_tells_it_at_the_same_moment_is_enough(posts: MemoryBox, monkeypatch) -> None:
    put(posts)
    telling.tell()
    later(hours=25)
    seen = telling._news(posts.posts(), 1)  # noqa: SLF001 - what the other node has seen
    telling.tell()
    monkeypatch.setattr(telling, "_news", lambda *_: seen)
    posts.sent.clear()
    assert (telling.tell().sent, posts.sent) == (0, [])


def test_who_is_switched_off_is_not_told_and_speaks_his_own_language(posts: MemoryBox) -> None:
    lists.change("all@example.org", owners=["ana@example.org", "eva@example.org"])
    mailboxes.change("ana@example.org", enabled=False)
    owners.choose(Mailbox.objects.get(address="eva@example.org"), language="es")
    put(posts)
    telling.tell()
    assert told(posts) == ["eva@example.org"]
    assert b"Content-Language: es" in posts.sent[0][2]


def test_a_link_decides_once_for_its_owner(posts: MemoryBox) -> None:
    number = put(posts)
    telling.tell()
    secret = link_in(posts.sent.pop()[2])
    assert not PostLink.objects.filter(hashed=secret).exists()
    link = links.find(secret, CLIENT)
    assert links.whole(link)[0].id == number
    assert links.decide(link, APPROVED, "", CLIENT).done
    with pytest.raises(LinkError, match="has been used"):
        links.find(secret, CLIENT)
    with pytest.raises(LinkError, match="has been used"):
        links.decide(link, APPROVED, "", CLIENT)  # who opened it before
    assert len(posts.sent) == 1
    entry = AuditEntry.objects.get(action="post.approve")
    assert (entry.actor, entry.source, entry.detail["token"]) == ("ana@example.org", CLIENT, "post")


def test_of_two_owners_links_the_second_finds_it_decided(posts: MemoryBox) -> None:
    lists.change("all@example.org", owners=["ana@example.org", "eva@example.org"])
    put(posts)
    telling.tell()
    first, second = (links.find(link_in(raw), CLIENT) for _sender, _to, raw in list(posts.sent))
    posts.sent.clear()
    links.decide(first, APPROVED, "", CLIENT)
    with pytest.raises(DirectoryError, match="no post"):
        links.whole(second)
    assert links.decide(second, REFUSED, "", CLIENT).gone
    assert len(posts.sent) == 1


def test_a_link_with_which_nothing_was_done_stays_good(posts: MemoryBox) -> None:
    put(posts)
    telling.tell()
    link = links.find(link_in(posts.sent.pop()[2]), CLIENT)
    posts.refuses = QuarantineError("Postfix does not take it now")
    with pytest.raises(QuarantineError):
        links.decide(link, APPROVED, "", CLIENT)
    posts.refuses = None
    assert links.decide(link, APPROVED, "", CLIENT).done


def test_links_end_with_their_week_and_with_being_an_owner(posts: MemoryBox) -> None:
    put(posts)
    telling.tell()
    secret = link_in(posts.sent.pop()[2])
    lists.change("all@example.org", owners=["eva@example.org"])
    assert links.decide(links.find(secret, CLIENT), APPROVED, "", CLIENT).gone
    PostLink.objects.update(expires_at=timezone.now())
    with pytest.raises(LinkError, match="too old"):
        links.find(secret, CLIENT)
    chores.tidy()
    assert not PostLink.objects.exists()


def test_guesses_are_slowed_down(posts: MemoryBox) -> None:
    for number in range(5):
        with pytest.raises(LinkError, match="not known"):
            links.find(f"guess{number}", CLIENT)
    with pytest.raises(DirectoryError, match="too many"):
        links.find("guess", CLIENT)
    assert posts.sent == []
