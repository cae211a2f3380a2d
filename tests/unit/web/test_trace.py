"""The pages of traces and the API on them, as each role; both indexes answer, with real lines."""

from __future__ import annotations

import html
import re

import pytest

from relevo.directory.models import AuditEntry
from relevo.errors import UnavailableError
from tests.unit.web.conftest import counted

CLEAN, BOUNCED, FORGED = "4jcPlb5LXdz2Gm1j", "4jcPmm6Qzyz2GmnZ", "m17.trixie"


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def ids(answer) -> set[str]:
    return set(re.findall(r'href="/admin/trace/([\w.-]+)/"', answer.content.decode()))


def noted() -> list[tuple[str, str, dict]]:
    found = AuditEntry.objects.filter(action__startswith="trace.").order_by("pk")
    return [(entry.action, entry.subject, entry.detail) for entry in found]


def test_without_a_search_there_is_the_form_and_no_entry(visit, traces):
    page = text(visit("global").get("/admin/trace/"))
    assert "Who sent what to whom" in page
    assert 'href="/admin/trace/"' in page  # in the menu
    assert not noted()


def test_both_nodes_in_plain_words(visit, traces):
    page = text(visit("global").get("/admin/trace/?q=ana@example.org"))
    for words in ("maria@elsewhere.example", "delivered", "virus", "There was a virus in it.", "nobody@remote.example"):
        assert words in page, words
    one = text(visit("global").get(f"/admin/trace/{CLEAN}/"))
    for words in (
        "Accepted from mx.elsewhere.example [203.0.113.5] (TLS 1.3)", "Filtered in 0.11 s: clean, score 2.999",
        f"Put into the queue as {CLEAN}, 1069 bytes, for 1 recipient", "Delivered into the mailbox ana@example.org",
        "mail01", "mail02", "postfix/lmtp[254]:", "dovecot[0]: lmtp(ana@example.org)",
    ):
        assert words in one, words
    assert re.search(r"2026-11-2\d \d\d:\d\d:\d\d (?:[A-Z]+|[-+]\d\d) · mail02", one)  # with its zone


def test_why_it_came_back(visit, traces):
    one = text(visit("global").get(f"/admin/trace/{BOUNCED}/"))
    assert "(TLS 1.3, logged in as ana@example.org)" in one
    assert "; signed (DKIM)" in one
    assert "Refused for nobody@remote.example; the sender gets it back" in one
    assert "550 5.1.1 <nobody@remote.example>: no such user here" in one
    assert "Notice to the sender: Delivered into the mailbox ana@example.org" in one


@pytest.mark.parametrize(("query", "expected"), [
    (f"q={CLEAN}", {CLEAN}), ("q=m1.trixie@elsewhere.example", {CLEAN}), ("q=<m1.trixie@elsewhere.example>", {CLEAN}),
    ("recipient=nobody@remote.example", {BOUNCED}),
    ("sender=ana@example.org&recipient=remote.example&result=bounced", {BOUNCED}),
    ("result=bounced", {BOUNCED}), ("q=nobody@nowhere.example", set()), ("q=%40unknown.example", set()),
    ("subject=re: OFERTA de  chocolates", {CLEAN}), ("subject=Oferta", set()),
    ("subject=Oferta de chocolates&sender=maria@elsewhere.example&result=delivered", {CLEAN}),
    ("subject=Oferta de chocolates&recipient=nobody@remote.example", set()),
    ("q=ana@example.org&until=2026-01-01T00:00", set()), ("q=CCCCCCCC", set()),
])
def test_searches(visit, traces, query, expected):
    answer = visit("global").get(f"/admin/trace/?{query}")
    assert ids(answer) == expected
    assert ("Nothing was found" in text(answer)) is not bool(expected)


@pytest.mark.parametrize(("query", "said"), [
    ("q=a+b", "is no address, domain"), ("q=x", "is no address, domain"), ("result=lost", "Select a valid choice"),
    ("subject=Re:", "Nothing of the subject 'Re:' can be looked for"),
    ("since=yesterday", "Enter a valid date"), ("q=ana@example.org&after=nonsense", "is no place in a list"),
])
def test_what_makes_no_sense_is_one_sentence_and_no_entry(visit, traces, query, said):
    assert said in text(visit("global").get(f"/admin/trace/?{query}"))
    assert not noted()


def test_pages_go_on_behind_the_last_one(visit, traces, monkeypatch):
    monkeypatch.setattr("relevo.web.trace.ROWS", 7)
    browser, seen, path = visit("global"), [], "/admin/trace/?q=%40example.org"
    while path:
        answer = browser.get(path)
        seen += sorted(ids(answer))
        older = re.search(r'href="\?([^"]+)"[^>]*>Older ones', text(answer))
        path = f"/admin/trace/?{older[1]}" if older else ""
    assert len(seen) == len(set(seen)) > 25


def test_who_searched_for_what_is_noted(visit, traces):
    visit("global").get("/admin/trace/?q=ana@example.org&result=virus")
    visit("global").get(f"/admin/trace/{CLEAN}/")
    assert noted() == [
        ("trace.search", "ana@example.org", {"text": "ana@example.org", "result": "virus"}), ("trace.show", CLEAN, {}),
    ]
    entry = AuditEntry.objects.get(action="trace.search")
    assert (entry.actor, entry.domain, entry.source) == ("root@elsewhere.example", "example.org", "192.0.2.7")


def test_what_cannot_be_noted_is_not_told(visit, traces, monkeypatch):
    def fails(*_):
        raise UnavailableError("the database is away")

    monkeypatch.setattr("relevo.directory.trace.asking._note", fails)
    page = text(visit("global").get("/admin/trace/?q=ana@example.org"))
    assert "The database is away" in page
    assert "maria@elsewhere.example" not in page


def test_a_node_that_does_not_answer_is_never_nothing_found(visit, traces, queues):
    queues.silent.add("mail02")
    page = text(visit("global").get("/admin/trace/?q=nobody@nowhere.example"))
    assert "mail02 doesn't answer (Connection timed out), so what it alone has seen is missing" in page
    assert "Nothing was found where it could be searched" in page
    one = text(visit("global").get(f"/admin/trace/{CLEAN}/"))
    assert "mail02 doesn't answer" in one
    assert "Delivered into the mailbox" not in one
    gone = visit("global").get("/admin/trace/CCCCCCCC/", follow=True)
    assert "ail02 doesn't answer (Connection timed out)" in text(gone)


def test_without_the_service_the_page_says_what_to_do(visit, people, monkeypatch):
    def fails(*_):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("relevo.queue.ask.ask", fails)
    page = text(visit("global").get("/admin/trace/?q=ana@example.org"))
    assert "systemctl status relevo-queue-control" in page
    assert "Nothing was found" not in page


@pytest.mark.parametrize("number", ["CCCCCCCC", "x", "a%20b", "..%2fx"])
def test_a_trace_that_is_not_there(visit, traces, number):
    answer = visit("global").get(f"/admin/trace/{number}/", follow=True)
    assert answer.status_code in {200, 404}
    assert "maria@elsewhere.example" not in text(answer)


def test_a_domains_administrator_sees_the_domains_recipients_alone(visit, traces):
    browser = visit("domain")
    for path in (
        "?q=ana@example.org", "?q=%40example.org", "?q=maria@elsewhere.example", "?result=delivered", "?q=203.0.113.5",
    ):
        page = text(browser.get(f"/admin/trace/{path}"))
        shown = page.replace("mail.example.org", "").replace(f'value="{path[3:].replace("%40", "@")}"', "")
        assert "ana@example.org: " not in shown, path
        assert "eva@example.org" not in shown
    assert ids(browser.get("/admin/trace/?q=maria@elsewhere.example"))
    for path in ("4jcPld6Hc6z2Gm2Q", CLEAN, BOUNCED):
        page = text(browser.get(f"/admin/trace/{path}/", follow=True))
        assert "ana@example.org" not in page
        assert "Ana+shop@example.org" not in page
    crowd = text(browser.get("/admin/trace/4jcPld6Hc6z2Gm2Q/"))
    assert "mia@second.example" in crowd
    assert "and 1 in other domains" in crowd


def test_the_number_of_queries_does_not_grow(visit, traces):
    browser = visit("domain")
    browser.get("/admin/trace/")
    with counted() as few:
        browser.get("/admin/trace/?q=4jcPlg71jWz2Gm33")
    with counted() as many:
        assert len(ids(browser.get("/admin/trace/?q=maria@elsewhere.example"))) > 3
    assert len(many) == len(few)


def test_in_spanish(visit, traces):
    page = text(visit("global", "es").get(f"/admin/trace/{CLEAN}/"))
    assert "Aceptado de mx.elsewhere.example [203.0.113.5] (TLS 1.3)" in page
    assert "Accepted from" not in page


def test_a_program_reads_the_same(program, traces):
    call = program("global", "trace:read")
    told = call("GET", "trace?address=ana@example.org&result=virus").json()
    assert [one["results"] for one in told["items"]] == [["rejected", "virus"]] * len(told["items"])
    assert told["items"][0]["recipients"][0]["kind"] == "virus"
    assert {one["node"]: one["trouble"] for one in told["nodes"]} == {"mail01": "", "mail02": ""}
    assert [one["id"] for one in call("GET", "trace?subject=Oferta%20de%20chocolates").json()["items"]] == [CLEAN]
    one = call("GET", f"trace/{CLEAN}").json()
    assert [step["step"] for step in one["steps"]] == ["accepted", "filtered", "taken", "stored", "delivered"]
    (line,) = one["steps"][3]["lines"]
    assert line.startswith("dovecot[0]: lmtp(ana@example.org)<255><JxMYLttSC2v/AAAAg+zDdQ>: sieve: msgid=<m1.trixie@")
    assert line.endswith("stored mail into mailbox 'INBOX'")
    assert call("GET", "trace/CCCCCCCC").status_code == 404
    assert call("GET", "trace?address=a%20b").status_code == 422
    seen, path = [], "/api/v1/trace?limit=9"
    while path:
        page = call("GET", path).json()
        seen += [one["id"] for one in page["items"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) > 30


def test_a_program_is_told_which_node_is_missing(program, traces, queues):
    queues.silent.add("mail02")
    told = program("global")("GET", f"trace?queue_id={CLEAN}").json()
    assert told["items"]
    assert "mail02 doesn't answer" in told["nodes"][1]["trouble"]
    answer = program("global")("GET", "trace/CCCCCCCC")
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (503, "queue-unavailable")
