"""The second factor at the login and on one's own pages; and what a session with the password alone reaches."""

from __future__ import annotations

import html
import re
import time

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from relevo.directory import factors, totp
from relevo.directory.login_models import AuthenticatorApp, SecurityKey
from relevo.directory.models import Administrator, AuditEntry
from relevo.web import half
from tests.unit.directory.software_key import SoftwareKey
from tests.unit.web.conftest import STRONG
from tests.unit.web.test_walk import OPEN, PLAIN, paths

LOGIN = {"username": "root@elsewhere.example", "password": STRONG}
HELPER = {"username": "helper@elsewhere.example", "password": STRONG}
SET_UP = {"/admin/login/set-up/", "/admin/factors/app/", "/admin/factors/key/"}


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def shown(administrator, *, off: int = 0) -> str:
    """Return what the app of an administrator shows now."""
    sealed = AuthenticatorApp.objects.get(administrator=administrator).sealed_key
    return totp.code_at(sealed, int(time.time()) + off)


def question(answer) -> str:
    return html.unescape(re.search(r'data-question="([^"]*)"', answer.content.decode())[1])


@pytest.fixture
def app(people) -> Administrator:
    """The global administrator with an app, whose last code is some time ago."""
    person = people["global"]
    sealed = totp.draw_key()
    totp.confirm(person, sealed, totp.code_at(sealed, int(time.time())))
    AuthenticatorApp.objects.update(last_step=0)
    return person


@pytest.fixture
def demanded(monkeypatch):
    monkeypatch.setattr(settings, "RELEVO_SECOND_FACTOR", "all")


def test_after_the_password_comes_the_code(visit, app):
    browser = visit()
    answer = browser.post("/admin/login/?next=/admin/directory/mailbox/", LOGIN)
    assert answer.headers["Location"] == "/admin/login/second/"
    assert not AuditEntry.objects.filter(action="admin.login").exists()
    assert browser.get("/admin/").status_code == 302
    before = browser.cookies["relevo_session"].value
    answer = browser.post("/admin/login/second/", {"code": shown(app)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/directory/mailbox/")
    assert browser.cookies["relevo_session"].value != before
    assert browser.get("/admin/directory/mailbox/").status_code == 200
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.action, entry.source) == ("root@elsewhere.example", "admin.login", "192.0.2.7")
    assert Administrator.objects.get(pk=app.pk).last_login


def test_a_code_is_good_in_one_browser_only(visit, app):
    first, second = visit(), visit()
    for browser in (first, second):
        browser.post("/admin/login/", LOGIN)
    code = shown(app)
    assert first.post("/admin/login/second/", {"code": code}).status_code == 302
    assert "used already" in text(second.post("/admin/login/second/", {"code": code}))
    assert second.get("/admin/").status_code == 302


def test_wrong_codes_are_told_once_and_slow_down(visit, app):
    browser = visit()
    browser.post("/admin/login/", LOGIN)
    for _ in range(5):
        assert text(browser.post("/admin/login/second/", {"code": "wrong"})).count("That is not right") == 1
    assert "Too many attempts" in text(browser.post("/admin/login/second/", {"code": shown(app)}))
    assert "Too many attempts" in text(browser.post("/admin/login/", LOGIN))
    assert browser.get("/admin/").status_code == 302


def test_a_recovery_code_lets_in_once(visit, app):
    from relevo.directory import recovery  # noqa: PLC0415 - after the fixtures have started Django

    code = recovery.renew(app)[0]
    browser = visit()
    browser.post("/admin/login/", LOGIN)
    assert browser.post("/admin/login/second/", {"code": code}).status_code == 302
    assert "9 codes are left" in text(browser.get("/admin/factors/"))


def test_a_key_is_added_and_lets_in(visit, people):
    browser, key = visit("global"), SoftwareKey()
    page = browser.get("/admin/factors/key/")
    form = {"name": "blue key", "current": STRONG, "answer": key.make(question(page))}
    answer = text(browser.post("/admin/factors/key/", form))
    assert len(re.findall(r"<code>[a-z0-9-]{19}</code>", answer)) == 10
    assert "blue key" in text(browser.get("/admin/factors/"))
    other = visit()
    assert other.post("/admin/login/", LOGIN).headers["Location"] == "/admin/login/second/"
    asked = question(other.get("/admin/login/second/"))
    sent = key.use(asked)
    assert other.post("/admin/login/second/", {"answer": sent}).status_code == 302
    assert other.get("/admin/").status_code == 200
    third = visit()
    third.post("/admin/login/", LOGIN)
    third.get("/admin/login/second/")
    assert "not right" in text(third.post("/admin/login/second/", {"answer": sent}))  # to another question


def test_an_answer_is_good_for_its_question_once(visit, people):
    browser, key = visit("global"), SoftwareKey()
    sent = key.make(question(browser.get("/admin/factors/key/")))
    wrong = {"name": "x", "current": "wrong", "answer": sent}
    assert "This is not your password" in text(browser.post("/admin/factors/key/", wrong))
    assert "does not fit" in text(browser.post("/admin/factors/key/", {**wrong, "current": STRONG}))
    assert not SecurityKey.objects.exists()


def test_an_app_is_set_up_with_its_first_code_and_ends_other_sessions(visit, people):
    browser, other = visit("global"), visit("global")
    page = text(browser.get("/admin/factors/app/"))
    assert 'class="relevo-qr"' in page
    spelled = re.search(r"relevo-key\">([A-Z2-7 ]+)<", page)[1]
    assert spelled in text(browser.get("/admin/factors/app/"))  # reloading draws no new one
    assert not [row for row in Session.objects.all() if spelled.replace(" ", "") in str(row.get_decoded())]
    form = {"current": STRONG, "code": "000000"}
    assert "not the code" in text(browser.post("/admin/factors/app/", form))
    sealed = browser.session["new_app_key"]
    form["code"] = totp.code_at(sealed, int(time.time()))
    assert "This is not your password" in text(browser.post("/admin/factors/app/", {**form, "current": "x"}))
    assert not AuthenticatorApp.objects.exists()
    assert "shown this once" in text(browser.post("/admin/factors/app/", form))
    assert browser.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
    assert AuditEntry.objects.first().action == "admin.factors.app"


def test_factors_are_removed_with_the_password_after_a_question(visit, app):
    browser = visit("global")
    assert "It is your last one" in text(browser.get("/admin/factors/app/remove/"))
    assert "This is not your password" in text(browser.post("/admin/factors/app/remove/", {"current": "x"}))
    assert factors.has_one(Administrator.objects.get(pk=app.pk))
    assert browser.post("/admin/factors/app/remove/", {"current": STRONG}).status_code == 302
    assert browser.get("/admin/factors/").status_code == 200
    assert not factors.has_one(Administrator.objects.get(pk=app.pk))


def test_guesses_of_the_password_on_these_pages_are_slowed_down(visit, app):
    browser = visit("global")
    for _ in range(5):
        browser.post("/admin/factors/codes/", {"current": "x"})
    assert "Too many attempts" in text(browser.post("/admin/factors/codes/", {"current": STRONG}))


def test_nobody_removes_anothers_key(visit, people, app):
    browser = visit("domain")
    SecurityKey.objects.create(administrator=app, name="blue", digest="d", credential="YQ", public_key="YQ")
    path = f"/admin/factors/key/{SecurityKey.objects.get().pk}/remove/"
    assert "blue" in text(visit("global").get(path))
    for answer in (browser.get(path), browser.post(path, {"current": STRONG})):
        assert answer.headers["Location"] == "/admin/factors/"
    assert visit().get(path).headers["Location"].startswith("/admin/login/")
    assert SecurityKey.objects.exists()


def test_new_recovery_codes_are_shown_once(visit, app):
    browser = visit("global")
    assert "good for nothing" in text(browser.get("/admin/factors/codes/"))
    page = text(browser.post("/admin/factors/codes/", {"current": STRONG}))
    codes = re.findall(r"<code>([a-z0-9-]{19})</code>", page)
    assert len(codes) == 10
    assert codes[0] not in text(browser.get("/admin/factors/"))


# --- what is demanded, and what the password alone opens --------------------------------------------------------------
def everything() -> list[str]:
    entries = [*paths("example.org", own=True), *paths("example.org", own=False)]
    administrator = Administrator.objects.first().pk
    return [
        *(path for path in PLAIN if path not in OPEN), *entries, "/admin/factors/key/1/remove/",
        *(f"/admin/directory/administrator/{administrator}/{page}/" for page in ("change", "delete", "factors")),
    ]


def reached(browser, *, but: set[str]) -> list[str]:
    """Return the pages, of all that there are, that a browser is not sent to the login from."""
    found = []
    for path in everything():
        if path in but:
            continue
        answers = browser.get(path), browser.post(path, {"name": "x", "enabled": "", "current": STRONG})
        ways = [str(answer.headers.get("Location", "")) for answer in answers]
        found += [path for way in ways if not way.startswith("/admin/login/")]
    return found


def test_a_session_with_the_password_alone_reaches_no_page(visit, app):
    browser = visit()
    browser.post("/admin/login/", LOGIN)
    assert len(everything()) > 60
    assert reached(browser, but={"/admin/login/second/"}) == []


@pytest.mark.usefixtures("demanded")
def test_who_must_set_one_up_reaches_only_that(visit):
    browser = visit()
    assert browser.post("/admin/login/", LOGIN).headers["Location"] == "/admin/login/set-up/"
    assert reached(browser, but=SET_UP) == []
    for path in SET_UP:
        page = browser.get(path)
        assert page.status_code == 200
        assert "/admin/directory/" not in text(page)  # no menu


@pytest.mark.usefixtures("demanded")
def test_a_session_from_before_it_was_demanded_reaches_no_page(visit):
    assert reached(visit("global"), but=set()) == []
    assert "Log in" in text(visit("global").get("/admin/login/"))


@pytest.mark.usefixtures("demanded")
def test_who_has_set_one_up_is_in(visit, people):
    browser = visit()
    browser.post("/admin/login/?next=/admin/directory/alias/", HELPER)
    browser.get("/admin/factors/app/")
    code = totp.code_at(browser.session["new_app_key"], int(time.time()))
    page = text(browser.post("/admin/factors/app/", {"code": code}))
    assert 'href="/admin/directory/alias/"' in page
    assert browser.get("/admin/directory/alias/").status_code == 200
    actions = {entry.action: entry.actor for entry in AuditEntry.objects.all()[:2]}
    assert actions == dict.fromkeys(("admin.login", "admin.factors.app"), "helper@elsewhere.example")
    assert "is demanded of you" in text(browser.post("/admin/factors/app/remove/", {"current": STRONG}))


@pytest.mark.usefixtures("demanded")
def test_a_key_can_be_the_first_one(visit):
    browser, key = visit(), SoftwareKey()
    browser.post("/admin/login/", LOGIN)
    asked = question(browser.get("/admin/factors/key/"))
    assert "shown this once" in text(browser.post("/admin/factors/key/", {"name": "x", "answer": key.make(asked)}))
    assert browser.get("/admin/").status_code == 200


@pytest.mark.usefixtures("demanded")
def test_nobody_adds_a_factor_to_an_account_that_has_one(visit, app):
    """Whoever knows the password alone would get in by a factor of their own."""
    browser = visit()
    browser.post("/admin/login/", LOGIN)
    for path in SET_UP:
        assert browser.get(path).headers["Location"] == "/admin/login/"
        assert browser.post(path, {"code": "123456", "name": "x"}).headers["Location"] == "/admin/login/"


@pytest.mark.parametrize("happens", ["time", "password", "off", "factors"])
def test_half_a_login_is_over_when(visit, app, monkeypatch, happens):
    from relevo.directory import administrators  # noqa: PLC0415 - after the fixtures have started Django

    browser, code = visit(), shown(app)
    browser.post("/admin/login/", LOGIN)
    if happens == "time":
        monkeypatch.setattr(half.time, "time", lambda at=time.time(): at + half.SECONDS + 1)  # noqa: B008 - now
    elif happens == "password":
        administrators.set_password(app.address, "some-other-words-7")
    elif happens == "off":
        administrators.add("other@elsewhere.example", STRONG, role="global")
        administrators.change(app.address, enabled=False)
    else:
        factors.clear(app.address)
    assert browser.post("/admin/login/second/", {"code": code}).headers["Location"] == "/admin/login/"
    assert browser.get("/admin/").status_code == 302


# --- others' factors --------------------------------------------------------------------------------------------------
def test_a_global_administrator_takes_anothers_away_after_a_question(visit, people, app):
    from relevo.directory import administrators  # noqa: PLC0415 - after the fixtures have started Django

    helper = people["domain"]
    sealed = totp.draw_key()
    totp.confirm(helper, sealed, totp.code_at(sealed, int(time.time())))
    path = f"/admin/directory/administrator/{helper.pk}/factors/"
    browser = visit("global")
    assert visit("domain").post(path).status_code == 403
    assert "call them back" in text(browser.get(path))
    assert factors.has_one(administrators.find(helper.address))
    assert "has no second factor any more" in text(browser.post(path, follow=True))
    assert not factors.has_one(administrators.find(helper.address))
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.action, entry.subject) == (app.address, "admin.factors.clear", helper.address)
    assert browser.get(path).status_code == 403  # there is none any more
    assert browser.get(f"/admin/directory/administrator/{app.pk}/factors/").status_code == 403  # one's own have a page


def test_pages_of_factors_hold_nothing_inline(visit, app, people):
    browser, entering = visit("global"), visit()
    entering.post("/admin/login/", LOGIN)
    pages = [entering.get("/admin/login/second/")]
    pages += [browser.get(f"/admin/factors/{page}") for page in ("", "app/", "key/", "codes/", "app/remove/")]
    pages.append(browser.post("/admin/factors/codes/", {"current": STRONG}))
    for answer in pages:
        assert answer.status_code == 200
        page = answer.content.decode()
        assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert not re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page)
