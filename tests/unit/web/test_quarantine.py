"""The pages of the quarantine, as each role; the mailbox is in memory."""

from __future__ import annotations

import html
import re

import pytest

from relevo.directory.models import AuditEntry
from tests.unit.quarantine.memory import stored
from tests.unit.web.conftest import counted

LIST = "/admin/quarantine/"


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def ids(page: str) -> set[str]:
    return set(re.findall(r'name="id" value="([\w-]+)"', page))


def test_a_global_administrator_sees_everything(visit):
    page = text(visit("global").get(LIST))
    assert ids(page) == {"First0000001", "Second000002", "Both00000003"}
    assert "For the first" in page
    assert "17.2 points" in page
    assert f'href="{LIST}"' in text(visit("global").get("/admin/"))  # in the menu


def test_a_domains_administrator_sees_own_recipients_and_how_many_others(visit):
    page = text(visit("domain").get(LIST))
    assert ids(page) == {"Second000002", "Both00000003"}
    assert "luis@example.org" not in page
    assert "others: 1" in page
    one = text(visit("domain").get(f"{LIST}Both00000003/"))
    assert "luis@second.example" in one
    assert "luis@example.org" not in one
    assert "X-Relevo-Refused-For" not in one  # it names everybody
    assert "X-Envelope-To-Blocked" not in one


@pytest.mark.parametrize(("query", "seen"), [("q=second+third", set()), ("q=BOTH", {"Both00000003"}), ("q=ñ", set())])
def test_words(visit, query, seen):
    page = text(visit("global").get(f"{LIST}?{query}"))
    assert ids(page) == seen
    assert ("Nothing was found" in page) is not bool(seen)


def test_a_copy_is_shown_as_text_that_can_do_nothing(visit, kept):
    script = b"<script>alert(1)</script>"
    kept.add(stored("Evil00000004", "ana@example.org", subject="<b>x</b>").replace(b"Compre ahora", script))
    answer = visit("global").get(f"{LIST}Evil00000004/")
    assert script not in answer.content
    assert b"<b>x</b>" not in answer.content
    assert "factura.exe" in text(answer)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_released(visit, kept):
    page = text(visit("domain").post(LIST, {"do": "released", "id": "Both00000003"}, follow=True))
    assert "1 message is released and on its way." in page
    assert [recipients for _sender, recipients, _message in kept.sent] == [("luis@second.example",)]
    (entry,) = AuditEntry.objects.filter(action="quarantine.release")
    assert (entry.actor, entry.subject, entry.source) == (
        "helper@elsewhere.example", "luis@second.example", "192.0.2.7"
    )
    assert "released" in text(visit("domain").get(LIST))


@pytest.mark.parametrize("do", ["released", "deleted"])
def test_what_is_a_strangers_is_neither_released_nor_deleted(visit, kept, do):
    given = {"do": do, "id": "First0000001", "sure": "1"}
    assert "no longer in the quarantine" in text(visit("domain").post(LIST, given, follow=True))
    assert "no message First0000001" in text(visit("domain").get(f"{LIST}First0000001/", follow=True))
    assert (kept.sent, len(kept.mails)) == ([], 3)


def test_deleting_asks_first(visit, kept):
    page = text(visit("global").post(LIST, {"do": "deleted", "id": ["First0000001", "Both00000003"]}))
    assert "Delete for good" in page
    assert ids(page) == {"First0000001", "Both00000003"}
    assert len(kept.mails) == 3
    visit("global").post(LIST, {"do": "deleted", "id": ["First0000001", "Both00000003"], "sure": "1"})
    assert len(kept.mails) == 1


@pytest.mark.parametrize("given", [{}, {"do": "x", "id": "First0000001"}, {"do": "released"}, {"do": "deleted"}])
def test_what_means_nothing_is_one_clear_error(visit, kept, given):
    page = text(visit("global").post(LIST, given, follow=True))
    assert re.search("Choose (what is to be done|at least one message)", page)
    assert (kept.sent, len(kept.mails)) == ([], 3)


def test_when_the_mailbox_is_away_the_page_says_so(visit, kept):
    kept.away = True
    page = text(visit("global").get(LIST))
    assert "can't be read now" in page
    assert "Nothing is in the quarantine" not in page
    assert visit("global").post(LIST, {"do": "released", "id": "First0000001"}).status_code == 302


def test_no_more_queries_however_many_rows(visit, kept):
    browser = visit("global")
    browser.get(LIST)
    with counted() as few:
        browser.get(LIST)
    for number in range(60):
        kept.add(stored(f"More{number:08}", "ana@example.org"))
    with counted() as many:
        page = text(browser.get(LIST))
    assert len(ids(page)) == 50
    assert len(many) == len(few)
    after = re.search(r'href="\?(after=\d+)"', page)
    assert len(ids(text(browser.get(f"{LIST}?{after[1]}")))) == 13


def test_in_spanish(visit):
    assert "Cuarentena" in text(visit("global", language="es").get(LIST))
