"""What owners do in the portal with what was refused for them."""

from __future__ import annotations

import html
import re

import pytest

from relevo.directory.models import AuditEntry
from relevo.directory.quarantine_models import SenderRule
from tests.unit.quarantine.memory import stored
from tests.unit.web.conftest import STRONG, counted

LIST = "/account/quarantine/"


def text(answer) -> str:
    return html.unescape(answer.content.decode())


@pytest.fixture
def ana(visit):
    browser = visit()
    browser.post("/account/login/", {"address": "ana@example.org", "password": STRONG})
    return browser


def test_an_owner_sees_own_ones_and_what_is_in_them(ana, kept):
    page = text(ana.get(LIST))
    assert "For the first" in page
    assert "For the second" not in page
    assert "For both" not in page
    assert f'href="{LIST}"' in text(ana.get("/account/"))
    one = text(ana.get(f"{LIST}First0000001/"))
    assert "¡barato!" in one
    assert "Deliver to me" in one


def test_nobody_gets_in_without_a_login(visit):
    for path in (LIST, f"{LIST}First0000001/", "/account/senders/"):
        for answer in (visit().get(path), visit().post(path, {"do": "released"})):
            assert answer.headers["Location"] == "/account/login/"


def test_delivered_once(ana, kept):
    page = text(ana.post(f"{LIST}First0000001/", {"do": "released"}, follow=True))
    assert '<p class="done" role="status">1 message is released and on its way.' in page
    again = text(ana.post(f"{LIST}First0000001/", {"do": "released"}, follow=True))
    assert re.search(r'<p class="refused" role="alert">[^<]*released before', again)
    assert [recipients for _sender, recipients, _message in kept.sent] == [("ana@example.org",)]
    entry = AuditEntry.objects.get(action="quarantine.release")
    assert (entry.actor, entry.subject) == ("ana@example.org", "ana@example.org")


def test_a_program_is_not_for_owners_to_release(ana, kept):
    kept.add(stored("Program00004", "ana@example.org", kind="attachment"))
    assert "Deliver to me" not in text(ana.get(f"{LIST}Program00004/"))
    for do in ("released", "allow"):
        ana.post(f"{LIST}Program00004/", {"do": do})
    assert kept.sent == []


@pytest.mark.parametrize("do", ["released", "deleted", "allow", "block"])
def test_a_strangers_is_not_there(ana, kept, do):
    for number in ("Second000002", "Both00000003", "..%2Fx"):
        assert "in the quarantine" in text(ana.post(f"{LIST}{number}/", {"do": do}, follow=True)) or do
    assert (kept.sent, len(kept.mails), SenderRule.objects.count()) == ([], 3, 0)


def test_the_sender_is_allowed_and_the_message_delivered(ana, kept):
    page = text(ana.post(f"{LIST}First0000001/", {"do": "allow"}, follow=True))
    assert "bad@outside.example is allowed from now on." in page
    rule = SenderRule.objects.get()
    assert (rule.recipient, rule.sender, rule.verdict) == ("ana@example.org", "bad@outside.example", "allow")
    assert len(kept.sent) == 1


def test_the_sender_is_blocked_and_the_message_deleted_and_that_taken_back(ana, kept):
    ana.post(f"{LIST}First0000001/", {"do": "block"})
    assert (SenderRule.objects.get().verdict, len(kept.mails)) == ("block", 2)
    assert "bad@outside.example" in text(ana.get("/account/senders/"))
    ana.post("/account/senders/", {"rule": SenderRule.objects.get().pk})
    assert not SenderRule.objects.exists()


def test_what_others_have_said_is_not_taken_back(ana, kept):
    from relevo.directory import sender_rules  # noqa: PLC0415 - after the fixtures have started Django

    rule = sender_rules.say("block", "bad.example", "luis@example.org")
    for given in (rule.pk, "x", "", "9" * 40):
        ana.post("/account/senders/", {"rule": given})
    assert SenderRule.objects.count() == 1


def test_when_the_mailbox_is_away_the_page_says_so(ana, kept):
    kept.away = True
    assert "can't be read now" in text(ana.get(LIST))
    assert ana.get(f"{LIST}First0000001/").status_code == 302


@pytest.mark.parametrize("after", ["x", "-1", "9" * 50, "²"])
def test_a_strange_page_number_is_the_first_page(ana, after):
    assert "For the first" in text(ana.get(LIST, {"after": after}))


def test_no_more_queries_however_many_rows(ana, kept):
    ana.get(LIST)
    with counted() as few:
        ana.get(LIST)
    for number in range(40):
        kept.add(stored(f"More{number:08}", "ana@example.org"))
    with counted() as many:
        ana.get(LIST)
    assert len(many) == len(few)
