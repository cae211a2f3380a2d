"""The page of the mail queues and the API on them, as each role; the service answers, only Postfix is not there."""

from __future__ import annotations

import html
import re

import pytest

from relevo.directory.models import AuditEntry
from relevo.directory.queue import changing
from relevo.errors import UnavailableError
from tests.unit.queue.memory import message
from tests.unit.web.conftest import counted


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def told() -> list[tuple[str, str, dict]]:
    found = AuditEntry.objects.filter(action__startswith="queue.").order_by("pk")
    return [(entry.action, entry.subject, entry.detail) for entry in found]


def test_both_nodes_with_reasons_in_plain_words(visit, queues):
    page = text(visit("global").get("/admin/queue/"))
    for number in ("AAAAA1", "AAAAA2", "BBBBB1", "BBBBB2"):
        assert number in page
    assert "The other server refuses the connection." in page
    assert "connect to 192.0.2.9:25: Connection refused" in page
    assert re.search(r'All <span class="relevo-number">4<', page)
    assert 'href="/admin/queue/"' in text(visit("global").get("/admin/"))  # in the menu


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=refused+elsewhere", {"AAAAA1", "AAAAA2"}), ("sender=ANA@second", {"AAAAA2"}),
        ("recipient=luis@", {"BBBBB1", "BBBBB2"}), ("node=mail02", {"AAAAA2", "BBBBB2"}),
        ("state=hold", {"BBBBB1", "BBBBB2"}), ("state=active", set()), ("q=nothing", set()),
    ],
)
@pytest.mark.parametrize("path", ["/admin/queue/", "/admin/queue/rows/"])
def test_filters(visit, queues, path, query, seen):
    page = text(visit("global").get(f"{path}?{query}"))
    assert set(re.findall(r'name="id" value="(\w+)"', page)) == seen
    assert ("Nothing was found" in page) is not bool(seen)


def test_rows_are_the_list_alone(visit, queues):
    rows = text(visit("global").get("/admin/queue/rows/"))
    assert "<html" not in rows
    assert rows in text(visit("global").get("/admin/queue/"))


def test_when_nothing_waits_it_says_so(visit, queues):
    queues.mail01.messages, queues.mail02.messages = {}, {}
    assert "Nothing waits" in text(visit("global").get("/admin/queue/"))


def test_a_node_that_does_not_answer_is_never_an_empty_queue(visit, queues):
    queues.mail02_dies(adopted=False)
    page = text(visit("global").get("/admin/queue/"))
    assert "mail02 doesn't answer" in page
    assert "AAAAA1" in page
    queues.mail01.messages = {}
    page = text(visit("global").get("/admin/queue/"))
    assert "On both nodes all of it" not in page
    assert "Nothing waits where it could be seen" in page
    assert "mail02 doesn't answer" not in text(visit("global").get("/admin/queue/?node=mail01"))


def test_an_adopted_queue_says_who_has_it(visit, queues):
    queues.mail02_dies(adopted=True)
    page = text(visit("global").get("/admin/queue/"))
    assert "mail02 doesn't answer; mail01 has adopted its queue and delivers it." in page
    assert "mail02, adopted by mail01" in page
    visit("global").post("/admin/queue/", {"do": "delete", "id": ["AAAAA2"], "sure": "1"})
    assert list(queues.mail02.messages) == ["BBBBB2"]
    (entry,) = told()
    assert (entry[2]["node"], entry[2]["adopted_by"]) == ("mail02", "mail01")


def test_a_queue_that_cannot_be_read_says_why(visit, queues):
    queues.mail02.unreadable = "postqueue: fatal: malformed showq server response"
    assert "The queue of mail02 can't be read on mail02 (postqueue: fatal" in text(visit("global").get("/admin/queue/"))


def test_a_queue_that_is_too_long_says_that_it_is_not_all(visit, queues):
    queues.mail01.most = 1
    page = text(visit("global").get("/admin/queue/"))
    assert "The queue of mail01 is too long to be looked at whole" in page
    assert "AAAAA1" in page
    page = text(visit("global").post("/admin/queue/", {"do": "delete", "id": ["BBBBB1"], "sure": "1"}, follow=True))
    assert "no longer in a queue" not in page  # nobody knows


def test_without_the_service_the_page_says_what_to_do(visit, people, monkeypatch):
    def fails(*_):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("relevo.queue.ask.ask", fails)
    for path in ("/admin/queue/", "/admin/queue/rows/"):
        page = text(visit("global").get(path))
        assert "systemctl status relevo-queue-control" in page
        assert "Nothing waits" not in page
    answer = visit("global").post("/admin/queue/", {"do": "hold", "id": ["AAAAA1"]}, follow=True)
    assert "systemctl status relevo-queue-control" in text(answer)


def test_what_is_done_leaves_an_entry_with_all_of_it(visit, queues):
    given = {"do": "hold", "id": ["AAAAA1", "BBBBB1", "CCCCCC"], "back": "state=deferred&x=1"}
    answer = visit("global").post("/admin/queue/", given, follow=True)
    assert answer.redirect_chain == [("/admin/queue/?state=deferred", 302)]
    page = text(answer)
    assert "1 message is on hold." in page
    assert "1 was on hold already." in page
    assert "1 is no longer in a queue" in page
    assert queues.mail01.messages["AAAAA1"]["queue_name"] == "hold"
    assert told() == [("queue.hold", "ana@example.org", {
        "id": "AAAAA1", "node": "mail01", "sender": "ana@example.org", "recipients": ["x@elsewhere.example"],
    })]
    (question,) = [one for one in queues.questions if one["do"] == "hold"]
    assert question["who"] == "root@elsewhere.example"  # for the node's journal
    assert AuditEntry.objects.get(action="queue.hold").domain == "example.org"


def test_what_the_audit_log_could_not_take_is_said(visit, queues, monkeypatch):
    def fails(*_):
        raise UnavailableError("the database is away")

    monkeypatch.setattr(changing, "_note", fails)
    given = {"do": "delete", "id": ["AAAAA2"], "sure": "1"}
    page = text(visit("global").post("/admin/queue/", given, follow=True))
    assert "It is done, but the audit log has no entry of it (the database is away)" in page
    assert "relevo-queue-control.service on mail02" in page
    assert list(queues.mail02.messages) == ["BBBBB2"]


def test_release_and_retry(visit, queues):
    visit("global").post("/admin/queue/", {"do": "release", "id": ["BBBBB2"]})
    assert (queues.mail02.messages["BBBBB2"]["queue_name"], queues.mail02.tried) == ("deferred", ["BBBBB2"])
    page = text(visit("global").post("/admin/queue/", {"do": "retry", "id": ["AAAAA1", "BBBBB1"]}, follow=True))
    assert queues.mail01.tried == ["AAAAA1"]
    assert "1 is on hold and waits for its release." in page
    assert [entry[0] for entry in told()] == ["queue.release", "queue.retry"]


def test_deleting_is_asked_a_second_time_and_shows_what(visit, queues):
    browser = visit("global")
    page = text(browser.post("/admin/queue/", {"do": "delete", "id": ["AAAAA1", "BBBBB2"], "back": "q=elsewhere"}))
    assert "Delete these messages?" in page
    for address in ("ana@example.org", "x@elsewhere.example", "luis@second.example"):
        assert address in page
    assert len(queues.mail01.messages) + len(queues.mail02.messages) == 4
    assert not told()
    given = dict(re.findall(r'type="hidden" name="(do|sure|back)" value="([^"]*)"', page))
    ids = re.findall(r'name="id" value="(\w+)"', page)
    answer = browser.post("/admin/queue/", {**given, "id": ids}, follow=True)
    assert "2 messages are deleted." in text(answer)
    assert answer.redirect_chain[0][0] == "/admin/queue/?q=elsewhere"
    assert (set(queues.mail01.messages), set(queues.mail02.messages)) == ({"BBBBB1"}, {"AAAAA2"})
    assert [entry[:2] for entry in told()] == [
        ("queue.delete", "ana@example.org"), ("queue.delete", "luis@second.example"),
    ]


@pytest.mark.parametrize("given", [
    {"do": "delete"}, {"do": "delete", "id": ["-d"]}, {"do": "delete", "id": ["ALL"], "sure": "1"},
    {"do": "nothing", "id": ["AAAAA1"]}, {"do": "hold"}, {"id": ["AAAAA1"]}, {"do": "delete", "id": ["CCCCCC"]},
    {"do": "hold", "id": [f"{number:06}" for number in range(501)]}, {"do": "hold", "id": ["AAAAA1\n"]},
])
def test_what_makes_no_sense_changes_nothing(visit, queues, given):
    before = [dict(queue.messages) for queue in (queues.mail01, queues.mail02)]
    answer = visit("global").post("/admin/queue/", given, follow=True)
    assert answer.status_code == 200
    assert [dict(queue.messages) for queue in (queues.mail01, queues.mail02)] == before
    assert not told()


def test_the_way_back_is_to_the_list_only(visit, queues):
    answer = visit("global").post("/admin/queue/", {"do": "hold", "id": ["AAAAA1"], "back": "//evil.example/?q=x"})
    assert answer.headers["Location"].startswith("/admin/queue/")


def test_a_message_with_everybody_and_its_headers(visit, queues):
    queues.mail01.headers_of["AAAAA1"] = (
        b"Subject: =?UTF-8?Q?Reuni=C3=B3n?=\n =?UTF-8?Q?_ma=C3=B1ana?=\n"
        b"X-Bad: =?x-nothing?Q?=FF?= \x1b[31m\xe2\x80\xaehi\nX-Script: <script>alert(1)</script>\n"
    )
    page = text(visit("global").get("/admin/queue/AAAAA1/"))
    assert "Reunión mañana" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert b"<script>alert" not in visit("global").get("/admin/queue/AAAAA1/").content
    assert "Connection refused" in page
    gone = visit("global").get("/admin/queue/CCCCCC/", follow=True)
    assert "there is no message CCCCCC" in text(gone).replace("There", "there")
    assert visit("global").get("/admin/queue/-d/", follow=True).status_code == 200


def test_a_message_to_many_tells_some_of_them(visit, queues):
    crowd = [f"r{number}@elsewhere.example" for number in range(50)]
    queues.mail01.messages = {"CCCCCC": message("CCCCCC", "ana@example.org", *crowd, reason="Greylisted")}
    page = text(visit("global").get("/admin/queue/"))
    assert "… (+17)" in page
    assert "and 30 more" in page
    assert "greylisting" in page
    assert "r19@" in text(visit("global").get("/admin/queue/CCCCCC/"))


def test_a_domains_administrator_sees_and_acts_on_the_domains_messages_alone(visit, queues):
    browser = visit("domain")
    for path in ("/admin/queue/", "/admin/queue/rows/", "/admin/queue/?q=elsewhere", "/admin/queue/?node=mail01"):
        page = text(browser.get(path))
        assert "example.org" not in page.replace("mail.example.org", "")
        assert "AAAAA1" not in page
    assert set(re.findall(r'name="id" value="(\w+)"', text(browser.get("/admin/queue/")))) == {"AAAAA2", "BBBBB2"}
    assert "Try everything again" not in text(browser.get("/admin/queue/"))
    before = dict(queues.mail01.messages)
    for number in before:
        shown = text(browser.get(f"/admin/queue/{number}/", follow=True))
        assert "example.org" not in shown.replace("mail.example.org", "")
        for do in ("retry", "hold", "release", "delete"):
            for sure in ({}, {"sure": "1"}):
                browser.post("/admin/queue/", {"do": do, "id": [number], **sure})
    browser.post("/admin/queue/", {"do": "retry_all"})
    assert (queues.mail01.messages, queues.mail01.tried, queues.mail02.tried, told()) == (before, [], [], [])
    browser.post("/admin/queue/", {"do": "delete", "id": ["AAAAA1", "AAAAA2"], "sure": "1"})
    assert (queues.mail01.messages, set(queues.mail02.messages)) == (before, {"BBBBB2"})
    assert "ana@second.example" in text(browser.get("/admin/directory/auditentry/"))


def test_one_of_several_domains_sees_of_a_strangers_message_ones_own_recipients(visit, queues):
    both = message("CCCCCC", "y@elsewhere.example", "luis@second.example", "ana@example.org")
    queues.mail01.messages = {"CCCCCC": both}
    page = text(visit("domain").get("/admin/queue/CCCCCC/"))
    assert "and 1 in other domains" in page
    assert "ana@example.org" not in page
    visit("global").post("/admin/queue/", {"do": "hold", "id": ["CCCCCC"]})
    assert {(entry[1], *entry[2]["recipients"]) for entry in told()} == {
        ("luis@second.example", "luis@second.example"), ("ana@example.org", "ana@example.org"),
    }
    log = text(visit("domain").get("/admin/directory/auditentry/"))
    assert "luis@second.example" in log
    assert "ana@example.org" not in log


def test_a_domain_administrator_without_domains_sees_nothing(visit, queues, people):
    people["domain"].domains.clear()
    assert not re.findall(r'name="id"', text(visit("domain").get("/admin/queue/")))


def test_retrying_everything_is_for_global_administrators_and_noted(visit, queues):
    page = text(visit("global").post("/admin/queue/", {"do": "retry_all"}, follow=True))
    assert "Everything is being tried now." in page
    assert (queues.mail01.tried, queues.mail02.tried) == (["everything"], ["everything"])
    assert [entry[0] for entry in told()] == ["queue.retry_all"]
    queues.silent.add("mail02")
    assert "mail02 could not do that" in text(visit("global").post("/admin/queue/", {"do": "retry_all"}, follow=True))


def test_a_list_asks_the_database_no_more_when_more_waits(visit, queues):
    browser = visit("domain")
    browser.get("/admin/queue/")
    with counted() as few:
        browser.get("/admin/queue/")
    for number in range(40):
        one = message(f"D{number:05}", "ana@second.example", "x@elsewhere.example", reason="TLS is required")
        queues.mail02.messages[one["queue_id"]] = one
    with counted() as many:
        browser.get("/admin/queue/")
    assert len(many) == len(few)


def test_long_lists_have_pages(visit, queues):
    queues.mail01.messages = {
        f"D{number:05}": message(f"D{number:05}", "ana@example.org", "x@elsewhere.example") for number in range(120)
    }
    seen, query = [], ""
    while True:
        page = visit("global").get(f"/admin/queue/?{query}").content.decode()
        seen += re.findall(r'name="id" value="(D\d+)"', page)
        following = re.findall(r'href="\?([^"]*after=[^"]*)"', page)
        if not following:
            break
        query = html.unescape(following[0])
    assert seen == [f"D{number:05}" for number in range(120)]


def test_nothing_is_inline(visit, queues):
    for path in ("/admin/queue/", "/admin/queue/rows/", "/admin/queue/AAAAA1/"):
        answer = visit("global").get(path)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        page = answer.content.decode()
        assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert not re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page)


# --- API -------------------------------------------------------------------------------------------------------------
def test_a_program_lists_and_reads(program, queues):
    answer = program("global")("GET", "queue?limit=3")
    items = answer.json()["items"]
    assert [one["id"] for one in items] == ["AAAAA1", "AAAAA2", "BBBBB1"]
    assert items[0]["recipients"][0]["kind"] == "refused"
    assert answer.json()["queues"][0] == {
        "node": "mail01", "adopted_by": "", "counts": {"incoming": 0, "active": 0, "deferred": 1, "hold": 1},
        "matching": 2, "trouble": "",
    }
    rest = program("global")("GET", answer.json()["next"]).json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == (["BBBBB2"], None)
    one = program("global", language="es")("GET", "queue/AAAAA1").json()
    assert one["headers"] == [{"name": "Subject", "value": "Reunión"}]
    assert [one["id"] for one in program("global")("GET", "queue?state=hold&node=mail02").json()["items"]] == ["BBBBB2"]


def test_a_program_acts_and_its_token_is_noted(program, queues):
    call = program("global", "queue:write")
    assert call("POST", "queue/AAAAA1/hold").status_code == 204
    answer = call("POST", "queue/AAAAA1/hold")
    assert (answer.status_code, answer.json()["detail"]) == (409, "1 was on hold already.")
    assert call("DELETE", "queue/AAAAA1").status_code == 428
    tag = call("GET", "queue/AAAAA1").headers["ETag"]
    assert call("POST", "queue/AAAAA1/release").status_code == 204
    assert call("DELETE", "queue/AAAAA1", If_Match=tag).status_code == 412  # it is no longer on hold
    assert call("DELETE", "queue/AAAAA1", If_Match="*").status_code == 204
    assert call("DELETE", "queue/AAAAA1", If_Match="*").status_code == 404
    assert {entry[2]["token"] for entry in told()} == {"a test"}


def test_a_program_is_told_when_a_node_is_silent(program, queues):
    queues.silent.add("mail02")
    told_of = program("global")("GET", "queue").json()["queues"]
    assert [bool(queue["trouble"]) for queue in told_of] == [False, True]
    answer = program("global")("GET", "queue/AAAAA2")
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (503, "queue-unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert program("global")("GET", "queue/AAAAA1").status_code == 200
    assert program("global")("POST", "queue/retry").status_code == 503


@pytest.mark.parametrize("query", ["state=x", "limit=0", "limit=201", "after=a/b", "node=A", "nothing=1"])
def test_a_program_is_told_what_is_wrong(program, queues, query):
    assert program("global")("GET", f"queue?{query}").status_code == 422


@pytest.mark.parametrize("number", ["-d", "ALL", "x" * 33, "%2e%2e", "ñññññññ"])
def test_strange_ids_are_not_found(program, queues, number):
    assert program("global")("GET", f"queue/{number}").status_code == 404
    assert program("global")("DELETE", f"queue/{number}", If_Match="*").status_code == 404
