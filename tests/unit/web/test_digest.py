"""What the links in a list of refused mail open, and how an owner ends the lists."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from relevo.directory import owners
from relevo.directory.digest_models import DigestLink
from relevo.directory.models import AuditEntry, Mailbox
from relevo.directory.quarantine.digest import sending
from relevo.errors import QuarantineError
from tests.unit.quarantine.memory import MemoryStore
from tests.unit.web.conftest import STRONG, counted

LINK, CHOICE, LIST = "/account/release/", "/account/digest/", "/account/quarantine/"


@pytest.fixture
def link(people, kept: MemoryStore) -> str:
    """The secret part of the link that ana@example.org got."""
    kept.at = dict.fromkeys(kept.at, timezone.now() - timedelta(hours=1))
    sending.make("one")
    raw = next(raw for _, to, raw in kept.sent if to == ("ana@example.org",))
    kept.sent.clear()
    found = re.search(rb"t=3D([\w-]+)", raw.replace(b"=\r\n", b""))
    assert found
    return found[1].decode()


@pytest.fixture
def ana(visit) -> Client:
    browser = visit()
    browser.post("/account/login/", {"address": "ana@example.org", "password": STRONG})
    return browser


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def test_opening_it_only_asks_and_pressing_the_button_delivers_once(visit, kept, link):
    for _scanner in range(3):
        asked = visit().get(LINK, {"t": link})
        assert "For the first" in text(asked)
    assert not kept.sent
    assert "is released" in text(visit().post(LINK, {"t": link, "do": "released"}))
    again = visit().post(LINK, {"t": link, "do": "released"})
    assert again.status_code == 404
    assert "has been used" in text(again)
    assert [to for _, to, _ in kept.sent] == [("ana@example.org",)]


def test_no_log_and_no_other_site_learns_of_it(visit, link):
    answer = visit().get(LINK, {"t": link})
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert link not in answer.wsgi_request.path
    assert link not in str(list(AuditEntry.objects.values()))


def test_another_site_cannot_press_the_button(kept, link):
    browser = Client(HTTP_HOST="mail.example.org", HTTP_X_FORWARDED_PROTO="https", enforce_csrf_checks=True)
    assert browser.post(LINK, {"t": link, "do": "released"}).status_code == 403
    assert not kept.sent


@pytest.mark.parametrize("wrong", ["", "x", "ñ" * 300, "\x00"])
def test_what_is_no_link(visit, link, wrong):
    for answer in (visit().get(LINK, {"t": wrong}), visit().post(LINK, {"t": wrong})):
        assert answer.status_code == 404
        assert "not known" in text(answer)
        assert "For the first" not in text(answer)


def test_who_guesses_waits(visit, link):
    for number in range(5):
        visit().get(LINK, {"t": f"guess{number}"})
    assert "too many attempts" in text(visit().get(LINK, {"t": link})).lower()


def test_an_old_one_leads_to_the_portal(visit, link):
    DigestLink.objects.update(expires_at=timezone.now())
    answer = visit().get(LINK, {"t": link})
    assert "too old" in text(answer)
    assert LIST in text(answer)


def test_while_the_quarantine_is_away_it_stays_good(visit, kept, link):
    kept.away = True
    assert visit().get(LINK, {"t": link}).status_code == 503
    assert visit().post(LINK, {"t": link, "do": "released"}).status_code == 503
    kept.away, kept.refuses = False, QuarantineError("Postfix does not take it now")
    assert visit().post(LINK, {"t": link, "do": "released"}).status_code == 503
    kept.refuses = None
    assert visit().post(LINK, {"t": link, "do": "released"}).status_code == 200
    assert len(kept.sent) == 1


def test_its_page_also_ends_the_lists(visit, link):
    assert "no list any more" in text(visit().post(LINK, {"t": link, "do": "stop"}))
    assert not owners.wants_digest(Mailbox.objects.get(address="ana@example.org"))
    assert AuditEntry.objects.filter(action="mailbox.choice", subject="ana@example.org").count() == 1
    assert visit().get(LINK, {"t": link}).status_code == 200  # the message can still be had


def test_an_owner_chooses_in_the_portal(ana):
    assert "(on)" in text(ana.get(LIST))
    answer = ana.post(CHOICE, {"language": "es"}, follow=True)
    assert "You get no list any more." in text(answer)
    assert "(off)" in text(answer)
    box = owners.people().get(address="ana@example.org")
    assert (owners.wants_digest(box), owners.language_of(box)) == (False, "es")
    ana.post(CHOICE, {"digest": "on", "language": ""})
    box = owners.people().get(address="ana@example.org")
    assert (owners.wants_digest(box), owners.language_of(box)) == (True, "en")
    assert ana.post(CHOICE, {"digest": "on", "language": "xx"}).status_code == 200


def test_where_no_lists_are_sent_nothing_is_to_be_chosen(ana, settings_of):
    with settings_of(RELEVO_DIGEST=False):
        assert "sends no such lists" in text(ana.get(CHOICE))
        assert CHOICE not in text(ana.get(LIST))


def test_administrators_see_it(visit, program, link):
    owners.choose(Mailbox.objects.get(address="ana@second.example"), digest=False)
    told = {one["address"]: one["digest"] for one in program("domain")("GET", "mailboxes").json()["items"]}
    assert told == {"ana@second.example": False, "luis@second.example": True}
    number = Mailbox.objects.get(address="ana@second.example").pk
    assert "Daily list of refused mail" in text(visit("domain").get(f"/admin/directory/mailbox/{number}/change/"))
    assert re.search(r"lists were sent to 4 owners", text(visit("global").get("/admin/quarantine/")))
    assert "lists were sent" not in text(visit("domain").get("/admin/quarantine/"))


def test_queries_of_the_list_of_mailboxes_stay_the_same(program):
    call = program("global")
    call("GET", "mailboxes?limit=2")
    with counted() as few:
        call("GET", "mailboxes?limit=2")
    for box in Mailbox.objects.filter(hidden=False):
        owners.choose(box, digest=False)
    with counted() as many:
        call("GET", "mailboxes?limit=200")
    assert len(many) == len(few)
