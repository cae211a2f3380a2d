"""Every operation of the API as nobody, with a bad token, with too small a one, and as each role."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.utils import timezone

from relevo.directory import administrators, scope, tokens
from relevo.directory.api_models import ApiToken
from relevo.directory.dkim_models import DkimKey
from relevo.directory.models import Administrator, Alias, AuditEntry, DistributionList, Domain, Mailbox
from relevo.directory.owner_models import AppPassword
from relevo.directory.quarantine_models import SenderRule
from relevo.directory.shared_models import SharedMember
from relevo.web.api import document
from relevo.web.api.site import api
from tests.unit.web.conftest import STRONG


class Operation(NamedTuple):
    name: str
    method: str
    path: str
    scope: str

    @property
    def is_global(self) -> bool:
        named = self.name in {"addDomain", "removeDomain", "retryQueue", "retireDkimKey"}
        return named or self.scope.startswith(("administrators", "status"))


def operations() -> list[Operation]:
    paths = json.loads(document.text(api))["paths"]
    return [
        Operation(told["operationId"], method.upper(), path, told["security"][0]["Token"][0])
        for path, methods in paths.items() for method, told in methods.items()
    ]


EVERY = operations()
every = pytest.mark.parametrize("operation", EVERY, ids=lambda operation: operation.name)
pytestmark = pytest.mark.usefixtures("agents", "names", "traces", "senders")
NAMES = {"mailboxes": "luis", "shared-mailboxes": "sales", "aliases": "info", "lists": "all"}
NEW = {
    "domains": {"name": "new.example"},
    "mailboxes": {"address": "new@{domain}", "password": STRONG},
    "shared-mailboxes": {"address": "new@{domain}", "writers": ["ana@{domain}"], "senders": ["ana@{domain}"]},
    "aliases": {"address": "new@{domain}", "to": ["x@elsewhere.example"]},
    "lists": {"address": "new@{domain}", "members": ["x@elsewhere.example"]},
    "sender-rules": {"sender": "new.example", "recipient": "ana@{domain}", "verdict": "allow"},
    "administrators": {"address": "new@elsewhere.example", "password": STRONG, "role": "global"},
}
TRACES = {"example.org": "4jcPlb5LXdz2Gm1j", "second.example": "4jcPlg71jWz2Gm33"}  # to ana, to mia
CHANGES = {
    "domains": {"catch_all": "x@elsewhere.example"}, "mailboxes": {"name": "New"}, "lists": {"name": "New"},
    "aliases": {"to": ["x@elsewhere.example"]}, "shared-mailboxes": {"readers": []},
    "administrators": {"role": "global"},
}


def rows() -> list[object]:
    """Return all that a program could have changed."""
    models = Domain, Mailbox, SharedMember, Alias, DistributionList, Administrator, DkimKey, SenderRule
    noted = AuditEntry.objects.exclude(action__startswith="trace.")  # who looks for what is noted, too
    return [*(list(model.objects.order_by("pk").values()) for model in models), list(noted.order_by("pk").values())]


PREPARED = {"restoreMailbox", "shareMailbox", "addDkimKey", "retireDkimKey"}  # something is changed before


def selector_for(operation: Operation, domain: str) -> str:
    """Return a key of a domain with which an operation can be done."""
    found = DkimKey.objects.filter(domain__name=domain)
    selector = next((key.selector for key in found), "none")
    if operation.name == "addDkimKey":
        found.delete()
    if operation.name == "retireDkimKey":
        found.update(state="signing")
    return selector


def number_for(operation: Operation, domain: str) -> str:
    """Return the number of something in a domain, for kinds that have one of their own."""
    kind, is_first = operation.path.split("/")[3], domain == "example.org"
    if kind == "queue":
        held = operation.name in {"releaseQueuedMessage", "deleteQueuedMessage"}
        return ("BBBBB" if held else "AAAAA") + ("1" if is_first else "2")
    if kind == "held-posts":
        return ("First1" if is_first else "Second2") + f"-{DistributionList.objects.get(address=f'all@{domain}').pk}"
    if kind == "sender-rules":
        return str(SenderRule.objects.get(domain__name=domain).pk)
    return {"trace": TRACES[domain], "quarantine": "First0000001" if is_first else "Second000002"}.get(kind, "")


def leave_shared_ones(domain: str) -> None:
    """Have luis open no shared mailbox any more, so that his can become one."""
    SharedMember.objects.filter(member__address=f"luis@{domain}").delete()


def carried_out(call, operation: Operation, domain: str = "second.example"):
    """Do what an operation is for, to something in a domain."""
    kind = operation.path.split("/")[3]
    entry = AuditEntry.objects.filter(domain=domain).exclude(action__startswith="admin.").first()
    place = {"{name}": domain, "{number}": str(entry.pk), "{selector}": selector_for(operation, domain),
             "{address}": "helper@elsewhere.example" if kind == "administrators" else f"{NAMES.get(kind)}@{domain}"}
    place["{number}"] = number_for(operation, domain) or place["{number}"]
    path = operation.path
    for field, value in place.items():
        path = path.replace(field, value)
    if path.endswith("/restore"):
        Mailbox.objects.filter(address=f"luis@{domain}").update(removed_at=timezone.now())
        return call(operation.method, path)
    if path.endswith("/share"):
        leave_shared_ones(domain)
        path = path.replace("sales@", "luis@")
    if path.endswith("/app-passwords"):
        luis = Mailbox.objects.get(address=f"luis@{domain}")
        AppPassword.objects.get_or_create(mailbox=luis, name="phone", handle="0" * 16, hashed="-", imap=True)
    if kind in {"queue", "quarantine", "held-posts"}:
        return call(operation.method, path, {"reason": "no"} if path.endswith("/refuse") else None, If_Match="*")
    if operation.method == "POST" and ("/dkim" in path or path.endswith("share")):
        return call("POST", path)
    if operation.method == "POST":
        return call("POST", path, json.loads(json.dumps(NEW[kind]).replace("{domain}", domain)))
    return call(operation.method, path, CHANGES.get(kind) if operation.method == "PATCH" else None, If_Match="*")


def kind_of(answer) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    return told["type"].partition("#")[2]


def test_there_are_operations_to_walk():
    assert len(EVERY) == 67
    assert {operation.scope for operation in EVERY} == set(tokens.SCOPES)


@every
def test_without_a_token_nothing_is_told(program, operation):
    before = rows()
    answer = carried_out(program(), operation)
    assert (answer.status_code, kind_of(answer)) == (401, "token-wrong")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Relevo"'
    assert rows() == before or operation.name in PREPARED


@every
@pytest.mark.parametrize("plain", ["relevo_" + "0" * 64, "Bearer", "ñ", " "])
def test_a_token_that_is_nobodys_is_none(program, operation, plain):
    assert carried_out(program(plain=plain), operation).status_code == 401


@every
def test_a_token_whose_time_is_over_is_none(program, secret_of, operation):
    plain = secret_of("global")
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = carried_out(program(plain=plain), operation)
    assert (answer.status_code, kind_of(answer)) == (401, "token-wrong")
    assert "was good until" in answer.json()["detail"]


@every
def test_the_token_of_one_who_is_switched_off_or_gone_is_none(program, secret_of, people, operation):
    plain = secret_of("domain")
    administrators.change(people["domain"].address, enabled=False)
    assert carried_out(program(plain=plain), operation).status_code == 401
    administrators.remove(people["domain"].address)
    assert carried_out(program(plain=plain), operation).status_code == 401


@every
def test_a_scope_too_small_is_refused_and_named(program, operation):
    kind, _, right = operation.scope.partition(":")
    less = [name for name in tokens.SCOPES if name.partition(":")[0] != kind]
    less += [f"{kind}:read"] if right == "write" else []
    answer = carried_out(program("global", *less), operation)
    assert (answer.status_code, kind_of(answer)) == (403, "scope-too-small")
    assert operation.scope in answer.json()["detail"]
    assert f'scope="{operation.scope}"' in answer.headers["WWW-Authenticate"]


@every
def test_a_global_administrators_token_does_everything(program, operation):
    expected = {201} if operation.name.startswith("add") else {204} if operation.method == "DELETE" else {200}
    ordered = operation.scope in {"queue:write", "quarantine:write"} or "/held-posts/" in operation.path
    expected = {204} if operation.method == "POST" and ordered else expected
    expected |= {409} if operation.name == "removeDomain" else set()  # it is not empty
    assert carried_out(program("global", operation.scope), operation).status_code in expected


@every
def test_a_domains_administrator_does_it_in_the_domain(program, secret_of, operation):
    plain = secret_of("domain")
    ApiToken.objects.update(scopes=list(tokens.SCOPES))  # as if the administrator had been a global one before
    answer = carried_out(program(plain=plain), operation)
    if operation.is_global:
        assert (answer.status_code, kind_of(answer)) == (403, "forbidden")
    else:
        assert answer.status_code in {200, 201, 204}


@every
def test_a_domains_administrator_neither_sees_nor_changes_others(program, secret_of, operation):
    plain = secret_of("domain")
    if operation.name == "restoreMailbox":
        Mailbox.objects.filter(address="luis@example.org").update(removed_at=timezone.now())
    if operation.name == "shareMailbox":
        leave_shared_ones("example.org")
    before = [[row for row in kind if "removed_at" not in row] for kind in rows()]
    answer = carried_out(program(plain=plain), operation, "example.org")
    if operation.method == "GET" and "{" not in operation.path and not operation.is_global:
        assert "second.example" in answer.content.decode()
        assert "@example.org" not in _without_senders(answer).replace("postmaster@example.org", "")
    else:
        assert answer.status_code in {403, 404}
        assert b"ana@example.org" not in answer.content
    assert [[row for row in kind if "removed_at" not in row] for kind in rows()] == before
    assert not Mailbox.objects.filter(address="new@example.org").exists()


def _without_senders(answer) -> str:
    """Return what was told; of traces without who has sent a message to somebody in the domain."""
    told = answer.json()
    for one in told["items"] if isinstance(told, dict) else ():
        if "message_id" in one:
            one |= {"sender": "", "user": "", "message_id": ""}
            one["recipients"] = [{**each, "original": "", "reason": ""} for each in one["recipients"]]
    return json.dumps(told)


@pytest.mark.parametrize("changes", [
    {"enabled": False}, {"alias_of": "example.org"}, {"mailbox_limit": 9}, {"catch_all": "", "enabled": True},
])
def test_a_domains_administrator_lifts_no_limits(program, changes):
    before = Domain.objects.filter(name="second.example").values().get()
    answer = program("domain")("PATCH", "domains/second.example", changes, If_Match="*")
    assert (answer.status_code, kind_of(answer)) == (403, "forbidden")
    assert Domain.objects.filter(name="second.example").values().get() == before


def test_a_domains_administrator_takes_nothing_out_of_other_domains(program):
    answer = program("domain")("DELETE", "mailboxes/ana@second.example?everywhere=true", If_Match="*")
    assert (answer.status_code, kind_of(answer)) == (403, "forbidden")


@pytest.mark.parametrize("kind", ["mailboxes", "shared-mailboxes", "aliases", "lists"])
def test_whether_anothers_domain_is_there_is_not_told(program, kind):
    told = []
    for domain in ("example.org", "nowhere.example"):
        answer = program("domain")("POST", kind, json.loads(json.dumps(NEW[kind]).replace("{domain}", domain)))
        told.append((answer.status_code, answer.json()["detail"].replace(domain, "")))
    assert told[0] == told[1]
    assert told[0][0] == 403


def test_the_platforms_own_mailboxes_are_not_there(program):
    assert "relevo-probe" not in program("global")("GET", "mailboxes?limit=200").content.decode()
    assert program("global")("GET", "mailboxes/relevo-probe-mail01@example.org").status_code == 404
    changed = program("global")("PATCH", "mailboxes/relevo-probe-mail01@example.org", {"name": "x"}, If_Match="*")
    assert changed.status_code == 404


def test_a_session_of_the_web_is_no_token(visit):
    assert visit("global").get("/api/v1/mailboxes").status_code == 401


def test_the_pages_for_people_tell_nobody_anything(visit):
    for path in ("/api/v1/", "/api/v1/openapi.json"):
        answer = visit().get(path)
        assert answer.status_code == 200
        assert b"second.example" not in answer.content
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_tokens_are_seen_by_whose_they_are_and_by_global_ones(secret_of, people):
    secret_of("global"), secret_of("domain")
    assert {token.administrator for token in scope.tokens(people["domain"])} == {people["domain"]}
    assert {token.administrator for token in scope.tokens(people["global"])} == set(people.values())
