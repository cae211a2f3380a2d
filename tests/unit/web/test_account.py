"""The portal: who gets in, what an owner changes, and that nobody else does."""

from __future__ import annotations

import html
import plistlib
import re
import socket
import time
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from relevo.directory import aliases, app_passwords, domains, mailboxes, owner_factors, owners, passwords, totp
from relevo.directory.models import AuditEntry, Mailbox
from relevo.directory.owner_models import AppPassword, OwnerApp, OwnerRecoveryCode
from relevo.directory.sieve import absence as absences
from relevo.directory.sieve import access, notes
from relevo.directory.sieve.notes import Note
from relevo.web import views
from relevo.web.account import answering, session
from tests.unit.web.conftest import STRONG, counted
from tests.unit.web.test_walk import ROUTES

ANA = "ana@example.org"
LOGIN = {"address": "Ana@Example.org ", "password": STRONG}
OTHER = "some-other-words-7"


def text(answer) -> str:
    return html.unescape(answer.content.decode()).replace("\N{NON-BREAKING HYPHEN}", "-")


@pytest.fixture
def ana(visit):
    """A browser in which ana@example.org is logged in."""
    return enter(visit())


def enter(browser: Client) -> Client:
    assert browser.post("/account/login/", LOGIN).headers["Location"] == "/account/"
    return browser


def box(address: str = ANA) -> Mailbox:
    return Mailbox.objects.get(address=address)


def test_login_and_logout(visit):
    browser = enter(visit())
    cookie = browser.cookies["relevo_session"]
    assert cookie["path"] == "/account/"
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.action, entry.source) == (ANA, "mailbox.login", "192.0.2.7")
    page = text(browser.get("/account/"))
    assert ANA in page
    assert "2048 MiB" in page
    browser.post("/account/logout/")
    assert not Session.objects.exists()
    assert browser.get("/account/").headers["Location"] == "/account/login/"


def test_a_name_alone_means_the_first_domain(visit):
    assert visit().post("/account/login/", {**LOGIN, "address": "ana"}).status_code == 302


def test_every_cookie_of_the_portal_stays_there(visit):
    browser = visit()
    browser.get("/account/login/")
    browser.post("/account/language/", {"language": "es"}, HTTP_REFERER="https://mail.example.org/account/login/")
    assert {cookie["path"] for cookie in browser.cookies.values()} == {"/account/"}
    assert "Contraseña" in text(browser.get("/account/login/"))


def test_who_is_logged_in_here_is_nobody_in_the_administration_nor_the_other_way(ana, visit):
    assert ana.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert visit("global").get("/account/").headers["Location"] == "/account/login/"


def test_wrong_unknown_switched_off_and_hidden_sound_alike(visit):
    mailboxes.change("luis@example.org", enabled=False)
    domains.add("closed.example")
    mailboxes.add("eva@closed.example", STRONG)
    domains.change("closed.example", enabled=False)
    said = {
        text(visit().post("/account/login/", {"address": address, "password": password})).count("is wrong, or this")
        for address, password in (
            (ANA, "wrong"), ("nobody@example.org", STRONG), ("luis@example.org", STRONG),
            ("eva@closed.example", STRONG), ("relevo-probe-mail01@example.org", "secret of the probe"),
            ("root@elsewhere.example", STRONG), ("x@", "x"),
        )
    }
    assert said == {1}


PAGES = [route for route, _name in ROUTES if route.startswith("/account/")]
OPEN = {"/account/login/", "/account/language/", "/account/logout/", "/account/release/",
        "/account/held/decide/"}


def test_there_are_pages_to_walk():
    assert len(PAGES) > 8


@pytest.mark.parametrize("path", [path.replace("<int:number>", "1") for path in PAGES if path not in OPEN])
@pytest.mark.parametrize("role", ["", "global", "domain"])
def test_nobody_but_an_owner_sees_a_page(visit, path, role):
    app_passwords.add(box(), "phone", ["imap"])
    browser = visit(role)
    for answer in (browser.get(path), browser.post(path, {"to": "x@y.example"})):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/")
    assert AppPassword.objects.exists()
    assert not box().forwards.exists()


def test_an_app_password_opens_no_page(visit):
    made = app_passwords.add(box(), "phone", ["imap"])
    assert "is wrong" in text(visit().post("/account/login/", {"address": ANA, "password": made.plain}))


def test_guesses_are_slowed_down_and_lock_out_nobody_else(visit):
    for _number in range(5):
        visit().post("/account/login/", {**LOGIN, "password": "wrong"})
    assert "Too many attempts" in text(visit().post("/account/login/", LOGIN))
    elsewhere = Client(
        HTTP_HOST="mail.example.org", HTTP_X_FORWARDED_PROTO="https", HTTP_X_REAL_IP="198.51.100.3",
    )
    enter(elsewhere)
    luis = {"address": "luis@example.org", "password": STRONG}
    assert visit().post("/account/login/", luis).status_code == 302
    for number in range(owners.MOST_FROM_CLIENT):
        visit().post("/account/login/", {"address": f"x{number}@example.org", "password": "wrong"})
    new = visit().post("/account/login/", {"address": "ana@second.example", "password": STRONG})
    assert "Too many attempts" in text(new)
    assert visit().post("/account/login/", luis).status_code == 302  # who has come from there before
    page = visit().post("/admin/login/", {"username": "root@elsewhere.example", "password": STRONG})
    assert page.status_code == 302  # an administrator in the same office gets in


@pytest.mark.parametrize("stored", [  # of `openssl passwd -6` and PHP's password_hash
    "{SHA512-CRYPT}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    "{BLF-CRYPT}$2y$05$X/gqfBrIecck2TG51LQCiujSWxdwkyoWl0.69oE7NWSdRVXygPX.C",
])
def test_mailboxes_that_came_with_another_systems_hash_get_in(visit, stored):
    Mailbox.objects.filter(address=ANA).update(password=stored)
    assert visit().post("/account/login/", {**LOGIN, "password": "Hello world!"}).status_code == 302
    for wrong in ("Hello world", "Hello world!!", ""):
        assert visit().post("/account/login/", {**LOGIN, "password": wrong}).status_code == 200
    assert not passwords.matches(stored, "Hello world!\0x")


def test_the_password_is_changed_with_the_one_before(visit):
    browser, other = enter(visit()), enter(visit())
    form = {"current": STRONG, "password": OTHER, "again": OTHER}
    assert "not your password" in text(browser.post("/account/password/", {**form, "current": "x"}))
    assert "not the same" in text(browser.post("/account/password/", {**form, "again": "x"}))
    short = {**form, "password": "short", "again": "short"}
    assert "10 to 128" in text(browser.post("/account/password/", short))
    assert "part of the address" in text(browser.post("/account/password/", {
        **form, "password": "example-4-words", "again": "example-4-words",
    }))
    answer = browser.post("/account/password/", form, follow=True)
    assert "Your password is changed" in text(answer)
    assert browser.get("/account/").status_code == 200
    assert other.get("/account/").headers["Location"] == "/account/login/"
    entry = AuditEntry.objects.filter(action="mailbox.password").first()
    assert (entry.actor, entry.subject, entry.source, entry.detail) == (ANA, ANA, "192.0.2.7", {})
    assert visit().post("/account/login/", LOGIN).status_code == 200


def test_guesses_of_ones_own_password_are_slowed_down(ana):
    form = {"current": "x", "password": OTHER, "again": OTHER}
    for _number in range(5):
        ana.post("/account/password/", form)
    assert "Too many attempts" in text(ana.post("/account/password/", {**form, "current": STRONG}))


@pytest.mark.parametrize("lose", [
    lambda: mailboxes.set_password(ANA, OTHER), lambda: mailboxes.change(ANA, enabled=False),
    lambda: (aliases.remove("info@example.org"), mailboxes.remove(ANA, everywhere=True)),
])
def test_what_an_administrator_does_ends_the_session(ana, lose):
    assert ana.get("/account/").status_code == 200
    lose()
    assert ana.get("/account/").headers["Location"] == "/account/login/"


def test_an_app_password_is_shown_once_and_revoked(ana):
    form = {"name": "  My   phone ", "imap": "on", "smtp": "on", "current": STRONG}
    assert "not your password" in text(ana.post("/account/programs/new/", {**form, "current": "x"}))
    assert "what the password is for" in text(ana.post("/account/programs/new/", {"name": "x", "current": STRONG}))
    answer = ana.post("/account/programs/new/", form)
    row = AppPassword.objects.get()
    assert (row.name, row.imap, row.smtp, row.pop3) == ("My phone", True, True, False)
    plain = text(answer).split('class="secret">')[1].split("<")[0]
    assert row.handle == app_passwords.handle_of(plain, ANA)
    assert plain not in text(ana.get("/account/programs/"))
    assert plain not in repr(list(AuditEntry.objects.values())) + repr(AppPassword.objects.values())
    assert "name: give" in text(ana.post("/account/programs/new/", {**form, "name": "MY PHONE"}))
    assert "thrown out" in text(ana.get(f"/account/programs/{row.pk}/revoke/"))
    assert AppPassword.objects.exists()
    ana.post(f"/account/programs/{row.pk}/revoke/")
    assert not AppPassword.objects.exists()
    assert AuditEntry.objects.first().action == "mailbox.app_password.revoke"


def test_nobody_revokes_anothers_app_password(ana):
    made = app_passwords.add(box("luis@example.org"), "phone", ["imap"])
    assert ana.post(f"/account/programs/{made.pk}/revoke/").headers["Location"] == "/account/programs/"
    assert AppPassword.objects.filter(pk=made.pk).exists()


def test_forwarding_with_and_without_a_copy(ana):
    ana.post("/account/forwarding/", {"to": "luis@example.org, x@elsewhere.example"})
    assert sorted(box().forwards.values_list("target", flat=True)) == ["luis@example.org", "x@elsewhere.example"]
    assert box().keep_copy is False
    assert "nothing stays here" in text(ana.get("/account/"))
    ana.post("/account/forwarding/", {"to": "luis@example.org", "keep_copy": "on"})
    assert box().keep_copy is True
    ana.post("/account/forwarding/", {"to": ""})
    assert (box().forwards.count(), box().keep_copy) == (0, True)
    assert AuditEntry.objects.filter(action="mailbox.set", actor=ANA).count() == 3


def test_forwarding_that_would_run_in_circles_or_nowhere_is_refused_whole(ana):
    mailboxes.change("luis@example.org", forward=[ANA])
    assert "in a circle" in text(ana.post("/account/forwarding/", {"to": "luis@example.org"}))
    assert "is no address" in text(ana.post("/account/forwarding/", {"to": "x@elsewhere.example nonsense"}))
    many = " ".join(f"x{number}@elsewhere.example" for number in range(21))
    assert "At most 20" in text(ana.post("/account/forwarding/", {"to": many}))
    assert not box().forwards.exists()


def test_a_domain_can_keep_owners_mail_inside(ana):
    mailboxes.change(ANA, forward=["before@elsewhere.example"])
    domains.change("example.org", owners_forward_outside=False)
    page = text(ana.post("/account/forwarding/", {"to": "luis@example.org x@elsewhere.example"}))
    assert "and x@elsewhere.example is none" in page
    assert ana.post("/account/forwarding/", {"to": "luis@example.org before@elsewhere.example"}).status_code == 302
    mailboxes.change(ANA, forward=["x@elsewhere.example"])  # administrators still may


def test_a_form_of_another_site_does_nothing(people):
    strict = Client(
        enforce_csrf_checks=True, HTTP_HOST="mail.example.org", HTTP_X_FORWARDED_PROTO="https",
        HTTP_ACCEPT_LANGUAGE="en",
    )
    answer = strict.post("/account/login/", LOGIN)
    assert answer.status_code == 403
    assert 'href="/account/"' in text(answer)


def test_what_went_wrong_is_told_to_an_owner_without_commands(ana):
    page = text(views.failed(ana.get("/account/").wsgi_request))
    assert "tell your administrator" in page
    assert "relevo status" not in page
    assert 'href="/account/"' in page
    assert 'href="/account/"' in text(ana.get("/account/nowhere/"))


def test_pages_load_nothing_inline(ana):
    for path in (path for path in PAGES if "<" not in path and path not in OPEN):
        answer = ana.get(path, follow=True)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        page = text(answer)
        assert " style=" not in page
        assert "<script" not in page
        assert " on" not in {word.split("=")[0] for word in page.split("<") if "=" in word}


def test_pages_ask_the_database_as_often_for_many_as_for_one(ana):
    app_passwords.add(box(), "one", ["imap"])
    ana.get("/account/")  # asks for the absence note, which is kept for a while
    counts = []
    for _round in range(2):
        for path in ("/account/", "/account/programs/"):
            with counted() as queries:
                assert ana.get(path).status_code == 200
            counts.append(len(queries))
        for number in range(10):
            app_passwords.add(box(), f"p{number} {_round}", ["imap"])
    assert counts[:2] == counts[2:]


def test_what_a_mail_program_wants(ana):
    page = text(ana.get("/account/set-up/"))
    assert all(f"port {port}," in page for port in (993, 465, 995, 143, 587, 110))
    answer = ana.get("/account/set-up/profile/")
    assert answer.headers["Content-Type"] == "application/x-apple-aspen-config"
    (account,) = plistlib.loads(answer.content)["PayloadContent"]
    assert (account["IncomingMailServerHostName"], account["EmailAddress"]) == ("mail.example.org", ANA)
    assert not any("Password" in name and isinstance(value, str) and name.endswith("Password")
                   for name, value in account.items())
    assert ana.get("/account/set-up/profile/").content == answer.content


@pytest.fixture
def filters(monkeypatch):
    """The scripts of every mailbox, kept here in place of Dovecot's."""
    kept = Filters()

    def scripts_of(_box: Mailbox, **_options: float) -> nullcontext[Filters]:
        kept.logins += 1
        return nullcontext(kept)

    monkeypatch.setattr(absences, "scripts_of", scripts_of)
    return kept


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The time that the start page goes by; a test turns it on."""
    made = SimpleNamespace(now=time.time())
    made.time = lambda: made.now
    monkeypatch.setattr(answering, "time", made)
    return made


class Filters:
    """As much of sieve.client as an absence note needs."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.active = ""
        self.logins = 0

    def scripts(self) -> dict[str, bool]:
        return {name: name == self.active for name in self.known}

    def get(self, name: str) -> str:
        return self.known[name]

    def put(self, name: str, script: str) -> None:
        self.known[name] = script

    def activate(self, name: str) -> None:
        self.active = name


NOTE = {
    "on": "on", "first": "2026-12-20", "last": "2027-01-05", "subject": "Away", "text": "Back on Monday.\r\nAna",
    "only": "boss@example.org partner.example", "never": "@ads.example",
}


def test_an_absence_note_is_set_shown_and_switched_off(ana, filters):
    assert "Mail is answered" in text(ana.post("/account/absence/", NOTE, follow=True))
    assert filters.active == "webmail"
    page = text(ana.get("/account/absence/"))
    for shown in ('value="2026-12-20"', 'value="2027-01-05"', "Back on Monday.\nAna", "boss@example.org\npartner."):
        assert shown in page
    entry = AuditEntry.objects.filter(action="mailbox.absence").get()
    assert (entry.actor, entry.detail) == (ANA, {"on": True, "first": "2026-12-20", "last": "2027-01-05"})
    assert "on, from 2026-12-20 to 2027-01-05" in text(ana.get("/account/"))
    ana.post("/account/absence/", {**NOTE, "on": ""})
    assert "<dd>off</dd>" in text(ana.get("/account/"))
    assert "if false #" in filters.known["webmail"]
    assert "Back on Monday." in text(ana.get("/account/absence/"))


@pytest.mark.parametrize(("wrong", "said"), [
    ({"text": " "}, "what shall be answered"), ({"last": "2026-12-19"}, "before the first one"),
    ({"first": "20/12/2026"}, "valid date"), ({"only": "no_address"}, "no domain name"),
    ({"never": " ".join(f"x{number}@a.example" for number in range(101))}, "At most 100"),
])
def test_a_note_without_sense_is_refused(ana, filters, wrong, said):
    assert said in text(ana.post("/account/absence/", {**NOTE, **wrong}))
    assert not filters.known


@pytest.mark.parametrize(("days", "said"), [
    ({"first": "", "last": ""}, "on"), ({"first": ""}, "on, until 2027-01-05"), ({"last": ""}, "on, from 2026-12-20"),
])
def test_the_start_page_says_from_when_to_when(ana, filters, days, said):
    ana.post("/account/absence/", {**NOTE, **days})
    assert f"<dd>{said} (as of " in text(ana.get("/account/"))


def test_the_start_page_asks_for_the_note_once_in_a_while(ana, filters, clock):
    assert "<dd>off</dd>" in text(ana.get("/account/"))
    assert filters.logins == 1
    filters.known["webmail"], filters.active = notes.write(Note(on=True, text="x"), "UTC"), "webmail"  # by the webmail
    clock.now += answering.KEPT - 1
    moment = f"{timezone.localtime(datetime.fromtimestamp(clock.now - answering.KEPT + 1, UTC)):%H:%M}"
    assert f"<dd>off (as of {moment})</dd>" in text(ana.get("/account/"))
    assert filters.logins == 1
    clock.now += 2
    assert "<dd>on</dd>" in text(ana.get("/account/"))
    assert filters.logins == 2


def test_what_the_owner_sets_here_is_known_at_once_and_not_asked_for(ana, filters):
    ana.get("/account/")
    ana.post("/account/absence/", NOTE)
    before = filters.logins
    assert "on, from 2026-12-20 to 2027-01-05 (as of " in text(ana.get("/account/"))
    assert filters.logins == before


def test_what_is_kept_is_this_session_s_alone(ana, visit, filters):
    ana.post("/account/absence/", NOTE)
    assert "Back on Monday" not in str(dict(ana.session))
    ana.post("/account/logout/")
    filters.known.clear()
    assert "<dd>off</dd>" in text(enter(visit()).get("/account/"))


def test_the_start_page_is_shown_while_nobody_answers_for_the_filters(ana):
    assert "The mail filters can't be reached now" in text(ana.get("/account/"))


def test_a_server_that_hangs_holds_the_start_page_up_once(ana, clock, monkeypatch, tmp_path):
    path, came = tmp_path / "sieve", []
    monkeypatch.setattr(answering, "PATIENCE", 0.2)
    monkeypatch.setattr(absences, "scripts_of", lambda box, within: access.scripts_of(box, str(path), within))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(0)

        def visits() -> int:
            with suppress(BlockingIOError):
                while True:
                    came.append(listener.accept())  # and say nothing, ever
            return len(came)

        for _visit in range(3):
            page = text(ana.get("/account/"))
            assert "The mail filters can't be reached now (no answer in time)" in page
            assert "App passwords" in page
        assert visits() == 1
        clock.now += answering.SILENCE_KEPT + 1
        ana.get("/account/")
        assert visits() == 2
    assert not AppPassword.objects.exists()


def test_the_script_that_runs_is_changed_and_one_by_hand_is_left_alone(ana, filters):
    filters.known, filters.active = {"webmail": "", "mine": "# mine\r\n"}, "mine"
    ana.post("/account/absence/", NOTE)
    assert filters.known["mine"].startswith("require")
    assert filters.known["webmail"] == ""
    filters.known["mine"] = 'require "vacation"; vacation "x";'
    assert "made by hand" in text(ana.get("/account/absence/"))
    assert "made by hand" in text(ana.post("/account/absence/", NOTE))
    assert filters.known["mine"] == 'require "vacation"; vacation "x";'


def set_up(browser: Client) -> tuple[str, list[str]]:
    """Set an app up; return its key, and the recovery codes."""
    browser.get("/account/factor/set-up/")
    sealed = browser.session["new_owner_key"]
    form = {"code": totp.code_at(sealed, int(time.time())), "current": STRONG}
    assert "not the code" in text(browser.post("/account/factor/set-up/", {**form, "code": "000000"}))
    assert "not your password" in text(browser.post("/account/factor/set-up/", {**form, "current": "x"}))
    page = text(browser.post("/account/factor/set-up/", form))
    return sealed, re.findall(r"<li><code>([a-z0-9-]+)</code>", page)


def next_code(sealed: str) -> str:
    return totp.code_at(sealed, int(time.time()) + totp.STEP)


def test_with_a_second_factor_the_password_alone_opens_no_page(ana, visit):
    other = enter(visit())
    sealed, codes = set_up(ana)
    assert len(codes) == 10
    assert ana.get("/account/").status_code == 200
    assert other.get("/account/").headers["Location"] == "/account/login/"
    browser = visit()
    assert browser.post("/account/login/", LOGIN).headers["Location"] == "/account/login/second/"
    for path in PAGES:
        if path not in OPEN and "<" not in path and path != "/account/login/second/":
            assert browser.get(path).headers["Location"] == "/account/login/", path
    logins = AuditEntry.objects.filter(action="mailbox.login").count()
    assert "not right" in text(browser.post("/account/login/second/", {"code": "000000"}))
    assert AuditEntry.objects.first().action == "mailbox.factor.refused"
    code = next_code(sealed)
    assert browser.post("/account/login/second/", {"code": code}).headers["Location"] == "/account/"
    assert AuditEntry.objects.filter(action="mailbox.login").count() == logins + 1
    again = visit()
    again.post("/account/login/", LOGIN)
    assert "used already" in text(again.post("/account/login/second/", {"code": code}))
    assert again.post("/account/login/second/", {"code": codes[0].upper()}).headers["Location"] == "/account/"
    assert owner_factors.left(box()) == 9
    assert "on" in text(again.get("/account/"))


def test_guesses_of_the_code_are_slowed_down_and_the_right_password_forgets_none(ana, visit):
    sealed, _codes = set_up(ana)
    for _number in range(4):  # and a wrong password before
        browser = visit()
        browser.post("/account/login/", LOGIN)
        browser.post("/account/login/second/", {"code": "000000"})
    assert "Too many attempts" in text(browser.post("/account/login/second/", {"code": next_code(sealed)}))


def test_half_a_login_ends_after_a_while_and_with_another_password(ana, visit, monkeypatch):
    sealed, _codes = set_up(ana)
    browser = visit()
    browser.post("/account/login/", LOGIN)
    now = time.time()
    monkeypatch.setattr(session.time, "time", lambda: now + 601)
    assert browser.get("/account/login/second/").headers["Location"] == "/account/login/"
    monkeypatch.undo()
    assert browser.get("/account/login/second/").status_code == 200
    mailboxes.set_password(ANA, OTHER)
    answer = browser.post("/account/login/second/", {"code": next_code(sealed)})
    assert answer.headers["Location"] == "/account/login/"


def test_recovery_codes_are_made_anew_and_the_factor_goes_with_the_password_only(ana, visit):
    _sealed, codes = set_up(ana)
    other = visit()
    assert "not your password" in text(ana.post("/account/factor/codes/", {"current": "x"}))
    page = text(ana.post("/account/factor/codes/", {"current": STRONG}))
    assert codes[0] not in page
    other.post("/account/login/", LOGIN)
    assert "not right" in text(other.post("/account/login/second/", {"code": codes[0]}))
    assert "not your password" in text(ana.post("/account/factor/remove/", {"current": "x"}))
    assert owner_factors.app_of(owners.people().get(address=ANA))
    ana.post("/account/factor/remove/", {"current": STRONG})
    assert ana.get("/account/factor/").status_code == 200
    enter(visit())


def test_nothing_of_a_factor_is_kept_in_plain(ana):
    sealed, codes = set_up(ana)
    spelled = totp.spelled(sealed).replace(" ", "")
    kept = repr([list(model.objects.values()) for model in (AuditEntry, OwnerApp, OwnerRecoveryCode)])
    assert spelled not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_an_administrator_takes_a_lost_factor_away_and_revokes_app_passwords(ana, visit):
    set_up(ana)
    app_passwords.add(box(), "phone", ["imap"])
    root, helper, place = visit("global"), visit("domain"), f"/admin/directory/mailbox/{box().pk}"
    for action in ("factor", "app-passwords"):
        assert ANA not in text(helper.get(f"{place}/{action}", follow=True))
        helper.post(f"{place}/{action}", follow=True)
        assert ANA in text(root.get(f"{place}/{action}", follow=True))
    assert OwnerApp.objects.exists()
    assert AppPassword.objects.exists()
    for action in ("factor", "app-passwords"):
        root.post(f"{place}/{action}/")
    assert not OwnerApp.objects.exists()
    assert not AppPassword.objects.exists()
    assert ana.get("/account/").headers["Location"] == "/account/login/"
    assert AuditEntry.objects.first().actor == "root@elsewhere.example"
