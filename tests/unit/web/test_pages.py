"""Login, what a page may load, languages, and how many questions a list asks the database."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.sessions.models import Session
from django.db import Error
from django.test import Client

from relevo.directory import aliases, lists, mailboxes, shared
from relevo.directory.models import Administrator, AuditEntry
from relevo.web import views
from tests.unit.web.conftest import STRONG, counted

LOGIN = {"username": "Root@Elsewhere.example", "password": STRONG}


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def test_login_and_logout(visit):
    browser = visit()
    answer = browser.post("/admin/login/?next=/admin/directory/mailbox/", LOGIN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/directory/mailbox/")
    cookie = browser.cookies["relevo_session"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/admin/")
    assert Session.objects.count() == 1
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.action, entry.source) == ("root@elsewhere.example", "admin.login", "192.0.2.7")
    assert Administrator.objects.get(address="root@elsewhere.example").last_login
    browser.post("/admin/logout/")
    assert browser.get("/admin/").status_code == 302


def test_the_way_goes_on_within_the_site_only(visit):
    assert visit().post("/admin/login/", LOGIN).headers["Location"] == "/admin/"
    assert visit().post("/admin/login/", {**LOGIN, "next": "https://evil.example/"}).headers["Location"] == "/admin/"


def test_a_wrong_password_is_told_once_and_slows_down(visit):
    for _ in range(5):
        page = text(visit().post("/admin/login/", {**LOGIN, "password": "wrong"}))
        assert page.count("Address or password is wrong") == 1
    assert "Too many attempts" in text(visit().post("/admin/login/", LOGIN))
    elsewhere = Client(SERVER_NAME="mail.example.org", HTTP_X_FORWARDED_PROTO="https", HTTP_X_REAL_IP="198.51.100.3")
    assert elsewhere.post("/admin/login/", LOGIN).status_code == 302


def test_a_form_of_another_site_does_nothing(people):
    strict = Client(
        enforce_csrf_checks=True, SERVER_NAME="mail.example.org", HTTP_X_FORWARDED_PROTO="https",
        HTTP_ACCEPT_LANGUAGE="en",
    )
    answer = strict.post("/admin/login/", LOGIN)
    assert answer.status_code == 403
    assert "Nothing was changed" in text(answer)


def test_ones_own_password(visit, people):
    browser, other = visit("global"), visit("global")
    form = {"current": STRONG, "password": "some-other-words-7", "again": "some-other-words-7"}
    assert "not your password" in text(browser.post("/admin/password_change/", {**form, "current": "x"}))
    assert "not the same" in text(browser.post("/admin/password_change/", {**form, "again": "x"}))
    short = {**form, "password": "short", "again": "short"}
    assert "10 to 128" in text(browser.post("/admin/password_change/", short))
    assert browser.post("/admin/password_change/", form).status_code == 302
    assert browser.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
    assert Administrator.objects.get(pk=people["global"].pk).check_password("some-other-words-7")


def test_guesses_of_ones_own_password_are_slowed_down_like_those_at_the_login(visit, people):
    browser = visit("global")
    guess = {"current": "x", "password": "some-other-words-7", "again": "some-other-words-7"}
    for _number in range(5):
        assert "not your password" in text(browser.post("/admin/password_change/", guess))
    assert "Too many" in text(browser.post("/admin/password_change/", {**guess, "current": STRONG}))
    assert Administrator.objects.get(pk=people["global"].pk).check_password(STRONG)


@pytest.mark.parametrize("path", [
    "/admin/login/", "/admin/", "/admin/directory/mailbox/", "/admin/directory/mailbox/add/", "/admin/password_change/",
    "/admin/directory/auditentry/", "/admin/directory/domain/1/delete/", "/admin/nothing/", "/api/v1/",
    "/admin/directory/apitoken/add/",
])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(visit, path):
    answer = visit("global").get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert (answer.headers["X-Frame-Options"], answer.headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert "no-store" in answer.headers["Cache-Control"] or "private" in answer.headers["Cache-Control"]
    page = answer.content.decode()
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert not re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page)
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)


def test_the_browsers_language_until_one_is_chosen(visit):
    assert "Iniciar sesión" in text(visit(language="es-BO,es;q=0.9").get("/admin/login/"))
    assert "Log in" in text(visit(language="fr").get("/admin/login/"))
    browser = visit(language="en")
    answer = browser.post("/admin/language/", {"language": "es", "next": "/admin/login/"})
    assert answer.headers["Location"] == "/admin/login/"
    cookie = browser.cookies["relevo_language"]
    assert (cookie["path"], cookie["secure"]) == ("/admin/", True)
    assert "Iniciar sesión" in text(browser.get("/admin/login/"))


ENGLISH = (
    "Mailboxes", "Overview", "Switched on", "Save", "Filters", "Type to search", "Remove", "Add ", "results", "Light",
)


@pytest.mark.parametrize("path", [
    "/admin/", "/admin/directory/mailbox/", "/admin/directory/mailbox/add/", "/admin/directory/mailbox/?q=zzz",
    "/admin/directory/alias/", "/admin/directory/distributionlist/add/", "/admin/directory/administrator/add/",
    "/admin/directory/auditentry/", "/admin/password_change/", "/admin/directory/apitoken/",
    "/admin/directory/apitoken/add/",
])
def test_spanish_pages_hold_no_english(visit, path):
    page = re.sub(r"<[^>]*>", " ", text(visit("global", language="es").get(path)))
    assert not [word for word in ENGLISH if word in page]


@pytest.mark.parametrize(
    "kind", ["domain", "mailbox", "sharedmailbox", "alias", "distributionlist", "administrator", "auditentry"]
)
def test_a_list_asks_no_more_when_it_has_more_rows(visit, kind):
    browser = visit("global")
    browser.get(f"/admin/directory/{kind}/")  # what is asked once a process
    with counted() as few:
        browser.get(f"/admin/directory/{kind}/")
    for number in range(20):
        mailboxes.add(f"person{number}@example.org", STRONG, forward=["x@elsewhere.example"])
        aliases.add(f"alias{number}@example.org", [f"person{number}@example.org"])
        lists.add(f"list{number}@example.org", [f"person{number}@example.org"])
        shared.add(f"team{number}@example.org", readers=[f"person{each}@example.org" for each in range(number)])
        from relevo.directory import administrators, domains  # noqa: PLC0415 - beside their use

        domains.add(f"domain{number}.example")
        administrators.add(f"a{number}@elsewhere.example", STRONG, domains=[f"domain{number}.example"])
    with counted() as many:
        browser.get(f"/admin/directory/{kind}/")
    assert len(many) == len(few) <= 12


def test_lists_are_cut_into_pages_and_searched_in_any_case(visit):
    for number in range(60):
        mailboxes.add(f"person{number:02}@example.org", STRONG, name="María Pérez" if number == 31 else "")
    page = text(visit("global").get("/admin/directory/mailbox/"))
    assert page.count("person") < 60 * 3
    assert "p=2" in page
    for wanted in ("PERSON31", "maría", "pérez maría"):
        found = text(visit("global").get("/admin/directory/mailbox/", {"q": wanted}))
        assert "person31@example.org" in found
        assert "person30@example.org" not in found


def test_an_empty_list_says_what_to_do(visit):
    found = text(visit("global").get("/admin/directory/mailbox/", {"q": "zzz"}))
    assert "Nothing was found" in found
    assert "Show all" in found
    removed = text(visit("global").get("/admin/directory/mailbox/", {"removed": "yes"}))
    assert "Nothing was found" in removed


def test_an_entrys_history_is_in_the_audit_log(visit):
    answer = visit("global").get("/admin/directory/mailbox/2/history/", follow=True)
    assert answer.status_code == 200


def test_the_health_check_reads_from_the_database(visit, monkeypatch):
    answer = visit().get("/health")
    assert (answer.status_code, answer.content) == (200, b"reads from the database\n")

    class Broken:
        @staticmethod
        def exists() -> bool:
            raise Error(1047, "WSREP has not yet prepared node for application use")

    monkeypatch.setattr(views.Administrator, "objects", Broken)
    answer = visit().get("/health")
    assert (answer.status_code, b"WSREP" in answer.content) == (503, True)


def test_what_fails_says_what_to_do(visit):
    assert "no such page" in text(visit("global").get("/nothing"))
    failed = views.failed(visit().get("/admin/login/").wsgi_request)
    assert failed.status_code == 500
    assert b"Nothing was changed by half" in failed.content
