"""What programs get: pages, conditions, answers that are given again, and errors that say what to do."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from relevo.directory import (
    administrators,
    aliases,
    app_passwords,
    describe,
    describe_use,
    domains,
    kept_answers,
    lists,
    mailboxes,
    passwords,
    tokens,
    use,
)
from relevo.directory.api_models import ApiToken, KeptAnswer
from relevo.directory.login_models import FailedLogin
from relevo.directory.models import AuditEntry, Mailbox
from relevo.web.api.operations import mailboxes as operations
from relevo.web.api.problems import KINDS
from tests.unit.web.conftest import STRONG, counted
from tests.unit.web.test_api_walk import kind_of

NEW = {"address": "new@example.org", "password": "several unrelated words"}


def many() -> None:
    for number in range(20):
        domains.add(f"domain{number:02}.example")
        mailboxes.add(f"person{number:02}@example.org", STRONG, name=f"Person {number}", forward=["x@else.example"])
        aliases.add(f"alias{number:02}@example.org", [f"person{number:02}@example.org"])
        lists.add(f"list{number:02}@example.org", [f"person{number:02}@example.org"])
        administrators.add(f"a{number:02}@else.example", STRONG, domains=[f"domain{number:02}.example"])


# --- Reading ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["global", "domain"])
@pytest.mark.parametrize("kind", ["domains", "mailboxes", "aliases", "lists", "administrators", "audit"])
def test_a_page_asks_no_more_when_it_has_more_rows(program, people, kind, role):
    if (kind, role) == ("administrators", "domain"):
        return
    call = program(role)
    call("GET", kind)  # notes that the token is used, and what is asked once a process
    with counted() as few:
        call("GET", f"{kind}?limit=200")
    many()
    if role == "domain":
        administrators.change(people["domain"].address, domains=["example.org", "second.example"])
    with counted() as more:
        answer = call("GET", f"{kind}?limit=200")
    assert len(answer.json()["items"]) > 20 or (kind, role) == ("domains", "domain")
    assert len(more) == len(few) <= 6


def test_pages_follow_one_another_whatever_comes_between(program):
    many()
    call, seen, where = program("global"), [], "mailboxes?limit=7&search=person"
    while where:
        answer = call("GET", where)
        seen += [entry["address"] for entry in answer.json()["items"]]
        where = answer.json()["next"]
        assert ("Link" in answer.headers) == bool(where)
        mailboxes.add(f"aaa{len(seen)}@example.org", STRONG, name="person")  # before the place where the page ended
    assert seen == [f"person{number:02}@example.org" for number in range(20)]


def test_the_audit_log_is_read_from_the_newest_on(program):
    many()
    first = program("global")("GET", "audit?limit=3").json()
    second = program("global")("GET", first["next"]).json()
    numbers = [entry["id"] for page in (first, second) for entry in page["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 6


@pytest.mark.parametrize("query", [
    "limit=0", "limit=201", "limit=x", "after=" + "x" * 255, "domian=x", "enabled=maybe", "search=" + "x" * 201,
])
def test_a_query_that_means_nothing_is_refused(program, query):
    answer = program("global")("GET", f"mailboxes?{query}")
    assert (answer.status_code, kind_of(answer)) == (422, "invalid")
    (error,) = answer.json()["errors"]
    assert (error["in"], error["field"]) == ("query", query.partition("=")[0])


@pytest.mark.parametrize(("where", "found"), [
    ("mailboxes?search=ANA%20second", {"ana@second.example"}),
    ("mailboxes?domain=second.example", {"ana@second.example", "luis@second.example"}),
    ("mailboxes?enabled=false", set()),
    ("mailboxes?removed=true", set()),
    ("aliases?search=info&domain=example.org", {"info@example.org"}),
    ("lists?enabled=true", {"all@example.org", "all@second.example"}),
    ("administrators?search=root", {"root@elsewhere.example"}),
    ("mailboxes?search=%25", set()),
    ("mailboxes?domain=nowhere.example", set()),
])
def test_filters(program, where, found):
    assert {entry["address"] for entry in program("global")("GET", where).json()["items"]} == found


def test_the_audit_log_is_filtered(program):
    call = program("global")
    call("POST", "mailboxes", NEW)

    def subjects(query: str) -> list[str]:
        return [entry["subject"] for entry in call("GET", f"audit?{query}").json()["items"]]

    assert subjects("actor=root@elsewhere.example&action=mailbox.add") == ["new@example.org"]
    assert subjects("domain=second.example&action=list.add") == ["all@second.example"]
    assert subjects("until=2020-01-01T00:00:00Z") == []
    assert subjects("since=2020-01-01T00:00:00-04:00&action=mailbox.add&limit=1") == ["new@example.org"]
    for moment in ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "5", "2020-01-01", "yesterday"):
        assert call("GET", f"audit?since={moment}").status_code == 422, moment
    assert call("GET", "audit/99999999999999999999999").status_code == 404


def test_what_is_read_is_what_the_commands_write(program):
    ana = Mailbox.objects.filter(address="ana@example.org")
    for kind, entry, told in (
        ("mailboxes", "ana@example.org", describe_use.used_mailbox(use.shown(ana).get())),
        ("aliases", "info@example.org", describe.alias(aliases.find("info@example.org"))),
        ("lists", "all@example.org", describe.distribution_list(lists.find("all@example.org"))),
    ):
        assert program("global")("GET", f"{kind}/{entry}").json() == told


@pytest.mark.parametrize("path", [
    "mailboxes/ANA@example.org", "domains/SECOND.example", "domains/second.example.", "aliases/info%40example.org",
])
def test_an_entry_is_found_however_it_is_written(program, path):
    assert program("global")("GET", path).status_code == 200


@pytest.mark.parametrize("path", [
    "mailboxes/nobody@example.org", "mailboxes/x", "mailboxes/%00", "mailboxes/%F0%9F%98%80", "domains/x y",
    "lists/ana@example.org", "nothing", "mailboxes/a/b/c", "audit/x",
])
def test_what_is_not_there_is_a_problem_too(program, path):
    answer = program("global")("GET", path)
    assert (answer.status_code, kind_of(answer)) == (404, "not-found")


# --- Conditions -------------------------------------------------------------------------------------------------------
def test_nothing_is_changed_that_was_not_seen(program):
    call = program("global")
    for method, body in (("PATCH", {"name": "A"}), ("DELETE", None)):
        answer = call(method, "mailboxes/luis@example.org", body)
        assert (answer.status_code, kind_of(answer)) == (428, "condition-missing")
    seen = call("GET", "mailboxes/luis@example.org").headers["ETag"]
    assert call("PATCH", "mailboxes/luis@example.org", {"name": "A"}, If_Match=seen).status_code == 200
    for method, body in (("PATCH", {"name": "B"}), ("DELETE", None)):
        answer = call(method, "mailboxes/luis@example.org", body, If_Match=seen)
        assert (answer.status_code, kind_of(answer)) == (412, "stale")
    now = call("GET", "mailboxes/luis@example.org").headers["ETag"]
    assert now in answer.json()["detail"]
    assert Mailbox.objects.get(address="luis@example.org").name == "A"
    assert call("DELETE", "mailboxes/luis@example.org", If_Match=f'"other", {now}').status_code == 204


@pytest.mark.parametrize("given", ["", "nonsense", '"', "W/{tag}", '"{tag}', ", ,"])
def test_an_etag_that_is_not_the_entrys_matches_nothing(program, given):
    call = program("global")
    tag = call("GET", "mailboxes/luis@example.org").headers["ETag"]
    answer = call("DELETE", "mailboxes/luis@example.org", If_Match=given.replace("{tag}", tag))
    assert answer.status_code == 412


def test_an_answer_to_a_change_has_the_new_etag(program):
    call = program("global")
    made = call("POST", "mailboxes", NEW)
    assert made.headers["Location"] == "/api/v1/mailboxes/new@example.org"
    changed = call("PATCH", made.headers["Location"], {"quota_mb": 5}, If_Match=made.headers["ETag"])
    read = call("GET", made.headers["Location"])
    assert read.headers["ETag"] == changed.headers["ETag"] != made.headers["ETag"]
    assert read.json() == changed.json()
    again = call("GET", made.headers["Location"], If_None_Match=f"W/{read.headers['ETag']}")
    assert (again.status_code, again.content) == (304, b"")
    assert call("GET", made.headers["Location"], If_None_Match='"x"').status_code == 200


# --- Answers that are given again -------------------------------------------------------------------------------------
def test_the_same_request_with_its_key_makes_nothing_twice(program):
    call = program("global")
    first = call("POST", "mailboxes", NEW, Idempotency_Key="one")
    mailboxes.change("new@example.org", name="changed meanwhile")
    second = call("POST", "mailboxes", NEW, Idempotency_Key="one")
    assert (second.status_code, second.content) == (201, first.content)
    assert [second.headers[name] for name in ("ETag", "Location")] == [
        first.headers[name] for name in ("ETag", "Location")
    ]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert AuditEntry.objects.filter(action="mailbox.add", subject="new@example.org").count() == 1


def test_a_key_is_of_one_request_of_one_token(program):
    call = program("global")
    call("POST", "mailboxes", NEW, Idempotency_Key="one")
    other = {**NEW, "password": "several unrelated sentences"}
    for answer in (
        call("POST", "mailboxes", other, Idempotency_Key="one"),
        call("POST", "aliases", {"address": "x@example.org", "to": ["ana@example.org"]}, Idempotency_Key="one"),
    ):
        assert (answer.status_code, kind_of(answer)) == (422, "key-used")
    assert program("global")("POST", "mailboxes", NEW, Idempotency_Key="one").status_code == 409


def test_a_key_is_good_for_a_day_and_then_forgotten(program):
    call = program("global")
    call("POST", "mailboxes", NEW, Idempotency_Key="one")
    KeptAnswer.objects.update(at=timezone.now() - kept_answers.KEPT - timedelta(seconds=1))
    assert call("POST", "mailboxes", NEW, Idempotency_Key="one").status_code == 409
    call("POST", "mailboxes", {**NEW, "address": "other@example.org"}, Idempotency_Key="two")
    assert KeptAnswer.objects.count() == 1


def test_what_was_refused_can_be_tried_again_with_its_key(program):
    call = program("global")
    given = {"address": "x@example.org", "to": ["later@example.org"]}
    assert call("POST", "aliases", given, Idempotency_Key="one").status_code == 409
    mailboxes.add("later@example.org", STRONG)
    assert call("POST", "aliases", given, Idempotency_Key="one").status_code == 201


def test_no_password_is_kept_with_an_answer(program):
    program("global")("POST", "mailboxes", NEW, Idempotency_Key="one")
    assert NEW["password"] not in json.dumps(list(KeptAnswer.objects.values()), default=str)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_length(program, key):
    answer = program("global")("POST", "mailboxes", NEW, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


# --- Writing ----------------------------------------------------------------------------------------------------------
def test_the_audit_log_says_which_program_did_it(program):
    program("global")("POST", "mailboxes", NEW)
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.source, entry.action) == ("root@elsewhere.example", "192.0.2.7", "mailbox.add")
    assert entry.detail["token"] == "a test"
    mailboxes.add("other@example.org", STRONG)
    assert "token" not in AuditEntry.objects.first().detail  # nothing of the program is left behind


def test_a_password_is_set_and_never_read(program):
    call = program("global")
    call("POST", "mailboxes", NEW)
    call("PATCH", "mailboxes/new@example.org", {"password": "several other words"}, If_Match="*")
    assert passwords.matches(Mailbox.objects.get(address="new@example.org").password, "several other words")
    assert "password" not in call("GET", "mailboxes/new@example.org").json()
    assert "several" not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_a_change_is_whole_or_not_at_all(program):
    before = Mailbox.objects.filter(address="ana@example.org").values().get()
    changes = {"password": "several other words", "name": "B", "forward": ["nobody@example.org"]}
    answer = program("global")("PATCH", "mailboxes/ana@example.org", changes, If_Match="*")
    assert (answer.status_code, kind_of(answer)) == (409, "refused")
    assert Mailbox.objects.filter(address="ana@example.org").values().get() == before


def test_only_what_is_given_is_changed(program):
    call = program("global")
    call("PATCH", "lists/all@example.org", {"name": "All"}, If_Match="*")
    assert lists.find("all@example.org").members.count() == 1
    call("PATCH", "mailboxes/ana@example.org", {"enabled": False}, If_Match="*")
    assert Mailbox.objects.get(address="ana@example.org").name == "Ana"
    lines = AuditEntry.objects.count()
    assert call("PATCH", "mailboxes/ana@example.org", {}, If_Match="*").status_code == 200
    assert AuditEntry.objects.count() == lines


def test_a_domains_quota_becomes_the_platforms_again(program):
    for quota in (5, 0, None):
        answer = program("domain")("PATCH", "domains/second.example", {"default_quota_mb": quota}, If_Match="*")
        assert answer.json()["default_quota_mb"] == quota


def test_a_domains_administrator_says_whether_owners_forward_outside(program):
    call = program("domain")
    for wanted in (False, True):
        answer = call("PATCH", "domains/second.example", {"owners_forward_outside": wanted}, If_Match="*")
        assert answer.json()["owners_forward_outside"] is wanted


def test_app_passwords_are_counted_and_revoked_under_a_condition(program):
    call, luis = program("domain"), Mailbox.objects.get(address="luis@second.example")
    before = call("GET", "mailboxes/luis@second.example").headers["ETag"]
    app_passwords.add(luis, "phone", ["imap"])
    answer = call("GET", "mailboxes/luis@second.example")
    assert answer.json()["app_passwords"] == 1
    place = "mailboxes/luis@second.example/app-passwords"
    assert [call("DELETE", place).status_code, call("DELETE", place, If_Match=before).status_code] == [428, 412]
    assert call("DELETE", place, If_Match=answer.headers["ETag"]).status_code == 204
    assert call("GET", "mailboxes/luis@second.example").json()["app_passwords"] == 0
    assert call("DELETE", place, If_Match="*").status_code == 409


def test_a_mailbox_is_removed_and_brought_back(program):
    call = program("global")
    assert call("DELETE", "mailboxes/ana@example.org", If_Match="*").status_code == 409  # others send mail to it
    assert call("DELETE", "mailboxes/luis@example.org", If_Match="*").status_code == 204
    assert call("GET", "mailboxes/luis@example.org").status_code == 404
    assert call("PATCH", "mailboxes/luis@example.org", {"name": "x"}, If_Match="*").status_code == 404
    removed = call("GET", "mailboxes/luis@example.org?removed=true").json()
    assert removed["removed"].endswith("+00:00")
    assert [entry["address"] for entry in call("GET", "mailboxes?removed=true").json()["items"]] == [removed["address"]]
    assert call("POST", "mailboxes", {**NEW, "address": "luis@example.org"}).status_code == 409
    assert call("POST", "mailboxes/luis@example.org/restore").json()["removed"] is None
    assert call("POST", "mailboxes/luis@example.org/restore").status_code == 404
    assert call("GET", "mailboxes/luis@example.org").status_code == 200


def test_the_last_global_administrator_stays(program):
    for answer in (
        program("global")("DELETE", "administrators/root@elsewhere.example", If_Match="*"),
        program("global")("PATCH", "administrators/root@elsewhere.example", {"enabled": False}, If_Match="*"),
    ):
        assert answer.status_code == 409
        assert "last global administrator" in answer.json()["detail"]


@pytest.mark.parametrize(("given", "field"), [
    ({"address": "ana"}, "address"),
    ({"address": "ñandú@example.org"}, "address"),
    ({"address": "a+b@example.org"}, "address"),
    ({"password": "short"}, "password"),
    ({"password": 5}, "password"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"name": "\ud800"}, "name"),
    ({"name": None}, "name"),
    ({"quota_mb": -1}, "quota_mb"),
    ({"quota_mb": 2**31}, "quota_mb"),
    ({"quota_mb": "5"}, "quota_mb"),
    ({"quota_mb": True}, "quota_mb"),
    ({"enabled": "yes"}, "enabled"),
    ({"forward": "x@else.example"}, "forward"),
    ({"forward": ["x@else.example", "x"]}, "forward.1"),
    ({"unknown": 1}, "unknown"),
])
def test_each_field_that_is_not_as_it_must_be_is_named(program, given, field):
    answer = program("global")("POST", "mailboxes", {**NEW, **given})
    assert (answer.status_code, kind_of(answer)) == (422, "invalid")
    assert [(error["in"], error["field"]) for error in answer.json()["errors"]] == [("body", field)]
    assert answer.json()["errors"][0]["detail"]
    assert not Mailbox.objects.filter(address="new@example.org").exists()


@pytest.mark.parametrize(("body", "status"), [
    ("{", 400), ("", 422), ("[]", 422), ("null", 422), ("5", 422), (b"\xff", 400), ("[" * 100_000, 400),
    ('{"address": ' + "9" * 5000 + "}", 400),
])
def test_a_body_that_can_not_be_read(program, body, status):
    answer = program("global")("POST", "mailboxes", body)
    assert answer.status_code == status
    assert kind_of(answer) == ("malformed" if status == 400 else "invalid")


def test_a_body_of_another_kind_and_one_that_is_too_large(program, visit, secret_of):
    given, form = {"Authorization": f"Bearer {secret_of('global')}"}, "application/x-www-form-urlencoded"
    answer = visit().generic("POST", "/api/v1/mailboxes", "address=x", form, headers=given)
    assert (answer.status_code, kind_of(answer)) == (415, "media-type")
    answer = program("global")("POST", "mailboxes", {"name": "x" * 2**20})
    assert (answer.status_code, kind_of(answer)) == (413, "too-large")


@pytest.mark.parametrize(("method", "path"), [("PUT", "mailboxes"), ("DELETE", "audit"), ("POST", "audit/1")])
def test_a_wrong_method_says_which_are_right(program, method, path):
    answer = program("global")(method, path)
    assert (answer.status_code, kind_of(answer)) == (405, "method-wrong")
    assert "GET" in answer.headers["Allow"]


def test_problems_are_told_in_the_programs_language(program):
    spanish = program("global", language="es-BO,es;q=0.9")
    answer = spanish("POST", "mailboxes", {**NEW, "address": "ana@example.org"})
    assert answer.json()["detail"] == "Ya existe un buzón ana@example.org".replace("Ya", "ya")
    assert answer.headers["Content-Language"] == "es"
    invalid = spanish("POST", "mailboxes", {**NEW, "quota_mb": "x"}).json()
    assert invalid["errors"][0]["detail"] == "debe ser un número entero"
    assert spanish("GET", "nothing").json()["title"] != program("global")("GET", "nothing").json()["title"]


# --- When something is broken -----------------------------------------------------------------------------------------
def broken(*_args: object, **_kwargs: object) -> None:
    raise OperationalError(1047, "WSREP has not yet prepared node for application use")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_database_without_a_majority_is_told_and_when_to_try_again(program, monkeypatch, method):
    call = program("global")
    monkeypatch.setattr(operations.scope if method == "GET" else operations.mailboxes,
                        "within" if method == "GET" else "add", broken)
    answer = call(method, "mailboxes", NEW if method == "POST" else None)
    assert (answer.status_code, kind_of(answer)) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_failure_is_a_problem_and_tells_nothing_of_itself(program, monkeypatch):
    call = program("global")
    monkeypatch.setattr(operations.scope, "within", lambda *_: 1 / 0)
    call.__closure__[0].cell_contents.raise_request_exception = False
    answer = call("GET", "mailboxes")
    assert (answer.status_code, kind_of(answer)) == (500, "failed")
    assert "division" not in answer.content.decode()


def test_reading_goes_on_while_nothing_can_be_written(program, monkeypatch):
    call = program("global")
    def refusing(go, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            broken()
        return go(sql, params, many, context)

    with connection.execute_wrapper(refusing):
        assert call("GET", "mailboxes").status_code == 200
        answer = call("POST", "mailboxes", NEW)
    assert (answer.status_code, kind_of(answer)) == (503, "unavailable")


# --- Tokens -----------------------------------------------------------------------------------------------------------
def test_that_a_token_is_used_is_written_once_a_minute(program):
    call = program("global")
    call("GET", "domains")
    noted = ApiToken.objects.get().last_used_at
    with counted() as queries:
        call("GET", "domains")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    assert ApiToken.objects.get().last_used_at == noted
    ApiToken.objects.update(last_used_at=noted - timedelta(minutes=2))
    call("GET", "domains")
    assert ApiToken.objects.get().last_used_at >= noted


def test_who_guesses_is_slowed_down_and_hinders_neither_programs_nor_people(program, visit):
    guessing = program(plain="relevo_" + "0" * 64)
    assert [guessing("GET", "domains").status_code for _ in range(7)] == [401] * 5 + [429] * 2
    answer = guessing("GET", "domains")
    assert kind_of(answer) == "too-many-attempts"
    assert int(answer.headers["Retry-After"]) > 0
    written = FailedLogin.objects.count()
    guessing("GET", "domains")
    assert FailedLogin.objects.count() == written
    assert program("global")("GET", "domains").status_code == 200  # from the same place
    login = {"username": "root@elsewhere.example", "password": STRONG}
    assert visit().post("/admin/login/", login).status_code == 302


def test_a_token_that_is_too_old_counts_as_no_guess(program, secret_of):
    call = program(plain=secret_of("global"))
    ApiToken.objects.update(expires_at=timezone.now())
    for _ in range(8):
        assert call("GET", "domains").status_code == 401
    assert not FailedLogin.objects.exists()


@pytest.mark.parametrize("page", ["use-the-api.md", "use-the-api.es.md"])
def test_the_page_names_every_problem_and_every_scope(page):
    text = (Path(__file__).parents[3] / "docs" / "how-to" / page).read_text(encoding="utf-8")
    assert {kind for kind, known in KINDS.items() if f"| {known.status} | `{kind}` |" not in text} == set()
    assert {kind for kind in tokens.KINDS if f"`{kind}`" not in text and f"`{kind}:read`" not in text} == set()
