"""The first page after the login: the platform at a glance, and what is told when something does not answer."""

from __future__ import annotations

import html
import re
import time

import pytest

from relevo.directory import domains, mailboxes
from relevo.directory.models import Domain
from relevo.errors import QueueError
from tests.unit.directory.whole_view import flows, view, whole
from tests.unit.web.conftest import STRONG, counted

PATHS = ["/admin/", "/admin/overview/"]


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def headline(page: str) -> str:
    (found,) = re.findall(r"<span data-headline>(.*?)</span>", page)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_the_platform_at_a_glance(visit, agents, path):
    page = text(visit("global").get(path))
    assert headline(page) == "All is well. mail01 serves; mail02 is ready to take over; storage01 votes."
    said = words(page)
    for part in (
        "mail01 holds the virtual IP 192.168.100.100 for 2 h, since mail02 gave it up (dovecot/imap: no answer in",
        "If mail01 died now, mail02 would take over.", "mail01 active", "mail02 standby", "storage01 witness",
        "Queue of mail01 3 waiting", "Certificate 812 days left", "Copy of the accounts on storage01 7 h old",
        "good for 2 h", "62 % free, 91 % of its inodes", "lets the virtual IP go, being ill",
    ):
        assert part in said, part
    assert "Wrong:" not in said


def test_the_part_that_is_asked_for_again_is_the_middle_of_the_page(visit, agents):
    part = text(visit("global").get("/admin/overview/"))
    page = text(visit("global").get("/admin/"))
    assert "<html" not in part
    assert 'data-live="/admin/overview/" data-every="5"' in page
    assert headline(part) == headline(page)
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", part) == re.findall(r"<h2[^>]*>(.*?)</h2>", page)[:-1]  # accounts


def test_a_silent_machine_says_when_it_was_heard_and_shows_nothing_as_good(visit, agents):
    agents.window["view"] = whole({"storage01": 90.0})
    page = text(visit("global").get("/admin/"))
    assert 'data-state="wrong"' in page
    assert "storage01 doesn't answer (last heard 1 min ago)." in words(page)
    assert "`relevo replace storage01`" in words(page)
    (card,) = re.findall(r'<article class="relevo-machine" data-role="silent">.*?</article>', page, re.DOTALL)
    assert "free" not in card
    for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL):
        if 'class="relevo-cell"' in row:
            assert re.findall(r'relevo-cell" data-state="(\w+)"', row)[2] == "unknown"


def test_what_is_bad_stands_first_with_its_words(visit, agents):
    agents.window["view"] = whole(mail02=view("mail02", ill="dovecot/imap"))
    page = text(visit("global").get("/admin/"))
    rows = re.findall(r'<th scope="row">([a-z_]+)</th>\s*<td class="relevo-cell"', page)
    assert rows[0] == "dovecot"
    assert "bad for 12 s imap: no answer in time asked now" in words(page)


@pytest.mark.parametrize("silent", ["the agent's view can't be seen: `systemctl status relevo-view`"])
def test_when_nothing_can_be_asked_the_page_comes_and_says_so(visit, agents, silent):
    agents.silent = silent
    page = text(visit("global").get("/admin/"))
    assert headline(page) == "Nothing is known: no agent answers here."
    assert silent in words(page)
    assert "All is well" not in page
    assert 'data-state="good"' not in page
    assert "mailboxes" in words(page).lower()  # the accounts are there all the same


def test_without_the_services_at_all_it_is_there_too(visit):
    began = time.monotonic()
    page = text(visit("global").get("/admin/"))
    assert time.monotonic() - began < 3
    assert "systemctl status relevo-view" in words(page)
    assert "systemctl status relevo-queue-control" in words(page)


def test_mail_of_the_last_day_as_pictures_and_as_a_table(visit, agents):
    page = text(visit("global").get("/admin/"))
    said = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', page)
    assert [one.partition(":")[0] for one in said] == ["Taken", "Delivered", "Put off", "Refused"]
    assert re.fullmatch(r"Taken: \d+ in a day, most of them 96 from \w+ \d\d:00", said[0])
    assert page.count('class="relevo-gap"') == 4 * 5
    assert page.count('class="relevo-bar"') == 4 * 20
    rows = re.findall(r'<tr><th scope="row">\w+ \d\d:00</th>((?:<td>[\d-]+</td>){4})</tr>', page)
    assert len(rows) == 25
    assert re.findall(r"<td>([\d-]+)</td>", rows[0]) == ["96", "96", "12", "24"]
    assert re.findall(r"<td>([\d-]+)</td>", rows[-1]) == ["-"] * 4


@pytest.mark.parametrize("language", ["en", "es"])
def test_drawings_have_plain_numbers_in_every_language(visit, agents, language):
    page = visit("global", language).get("/admin/").content.decode()
    sizes = re.findall(r'<rect x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"', page)
    assert len(sizes) == 100
    assert all(re.fullmatch(r"\d+(\.\d+)?", number) for size in sizes for number in size)
    assert not re.findall(r"\sstyle=|<style", page)


def test_old_figures_of_mail_say_that_they_are(visit, agents):
    agents.flows = flows(mail02="it does not answer in time")
    said = words(text(visit("global").get("/admin/")))
    assert "The figures of mail02 are from 40 s ago (it does not answer in time)." in said
    agents.flows[1] |= {"age": None, "hours": []}
    said = words(text(visit("global").get("/admin/")))
    assert "There are no figures of mail02 (it does not answer in time)." in said


def test_a_script_in_what_a_service_says_is_a_text(visit, agents):
    bad = view("mail02", ill="dovecot/imap")
    next(one for one in bad["probes"] if one["name"] == "dovecot/imap")["text"] = "<script>alert(1)</script>"
    agents.window["view"] = whole(mail02=bad)
    assert b"<script>alert" not in visit("global").get("/admin/").content


# --- of some domains --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", PATHS)
def test_a_domains_administrator_sees_these_domains_and_what_waits_for_them(visit, agents, path):
    mailboxes.change("luis@second.example", quota_mb=0)
    page = text(visit("domain").get(path))
    said = words(page)
    assert headline(page) == "2 messages wait for your domains."
    assert "second.example 3 4096 MiB; without a limit: 1" in said
    for other in ("mail01", "storage01", "virtual IP", "192.168", "@example.org", "All is well"):
        assert other not in said.replace("mail.example.org", ""), other


def test_what_waits_on_a_node_that_is_dead_is_not_known(visit, agents, queues):
    queues.mail02_dies(adopted=False)
    page = text(visit("domain").get("/admin/"))
    assert headline(page) == "Nothing waits for your domains."
    assert "mail02 doesn't answer, so what waits there is not shown" in words(page)
    assert 'data-state="attention"' in page


def test_a_slow_node_holds_up_nobody(visit, agents, queues, monkeypatch):
    asked = []

    def slow(question, _path="", within=0.0):
        asked.append((within, question.get("here", False)))
        if not question.get("here"):
            raise TimeoutError
        return queues.ask(question)

    monkeypatch.setattr("relevo.queue.ask.ask", slow)
    page = text(visit("domain").get("/admin/"))
    assert headline(page) == "Nothing waits for your domains."  # on this one, where mail02's is not
    assert "mail02 doesn't answer" in words(page)
    assert sorted(asked) == [(0.25, False), (0.25, True)]


def test_a_queue_that_cannot_be_asked_is_not_an_empty_one(visit, agents, monkeypatch):
    def fails(*_):
        raise QueueError("the mail queues say no")

    monkeypatch.setattr("relevo.directory.queue.asking.asked", fails)
    page = text(visit("domain").get("/admin/"))
    assert headline(page) == "What waits for your domains is not known now."
    assert "the mail queues say no" in words(page)


def test_it_asks_no_more_when_there_are_more_domains(visit, agents, people):
    browser = visit("domain")
    browser.get("/admin/")
    with counted() as few:
        browser.get("/admin/")
    for number in range(20):
        domains.add(f"more{number}.example")
        mailboxes.add(f"ana@more{number}.example", STRONG)
        people["domain"].domains.add(Domain.objects.get(name=f"more{number}.example"))
    with counted() as many:
        page = text(browser.get("/admin/"))
    assert "more19.example" in page
    assert len(few) == len(many) <= 14


# --- for programs -----------------------------------------------------------------------------------------------------
def test_the_same_for_programs(program, agents):
    told = program("global", "status:read")("GET", "status").json()
    assert (told["state"], told["holders"], told["vip"]) == ("well", ["mail01"], "192.168.100.100")
    assert [(one["name"], one["role"]) for one in told["machines"]] == [
        ("mail01", "active"), ("mail02", "standby"), ("storage01", "witness"),
    ]
    assert told["queues"][0] == {"node": "mail01", "at": "mail01", "messages": 3, "age": 0.6}
    assert len(told["mail_flow"]["hours"]) == 20
    spanish = program("global", "status:read", language="es")("GET", "status", Accept_Language="es").json()
    assert spanish["summary"] == (
        "Todo está bien. mail01 atiende; mail02 está listo para tomar el relevo; storage01 vota."
    )


def test_programs_are_told_of_silence(program, agents):
    agents.window["view"] = whole({"mail02": None})
    told = program("global", "status:read")("GET", "status").json()
    assert told["state"] == "wrong"
    (mail02,) = [one for one in told["machines"] if one["name"] == "mail02"]
    assert (mail02["role"], mail02["heard"], mail02["checks"]) == ("silent", None, [])
    assert program("global", "status:read")("GET", "status?x=1").status_code == 422
