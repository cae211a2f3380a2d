"""The page "DNS and DKIM", and the API's operations on keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from relevo.directory import domains
from relevo.directory.dkim import keys, publishing
from relevo.directory.dkim_models import SAFE, DkimKey
from relevo.directory.models import AuditEntry, Domain
from tests.unit.web.conftest import counted

DOMAIN = "second.example"
pytestmark = pytest.mark.usefixtures("names")


@pytest.fixture
def key(people) -> DkimKey:
    return keys.listing().get()


@pytest.fixture
def page(people) -> str:
    return f"/admin/directory/domain/{Domain.objects.get(name=DOMAIN).pk}/dns/"


def states() -> dict[str, str]:
    return dict(keys.listing().values_list("selector", "state"))


@pytest.mark.parametrize("role", ["global", "domain"])
def test_who_looks_after_a_domain_sees_its_records_and_keys_with_what_is_there(visit, page, key, names, role):
    names.records[DOMAIN, "MX"] = ["10 old.example.net."]
    names.silent = {f"_dmarc.{DOMAIN}"}
    text = visit(role).get(page).content.decode()
    for said in (key.selector, "10 mail.example.org.", "10 old.example.net.", "differs", "missing", "right",
                 "not answered", "where mail to the domain goes", f"v=DKIM1; k=rsa; p={key.public}", "is not signed"):
        assert said in text, said
    assert key.sealed not in text


def test_the_domains_form_leads_to_it(visit, page):
    assert page in visit("domain").get(page.replace("/dns/", "/change/")).content.decode()


def test_a_domain_of_others_has_no_such_page(visit, people, names):
    other = f"/admin/directory/domain/{Domain.objects.get(name='example.org').pk}/dns/"
    for answer in (visit("domain").get(other), visit("domain").post(other, {"do": "make"})):
        assert answer.status_code == 403
    assert not keys.listing([Domain.objects.get(name="example.org")])
    assert not names.questions


def test_when_all_is_well_that_is_said(visit, page, key, names):
    keys.sign(DOMAIN, key.selector)
    for record in publishing.records(key.domain, keys.listing()):
        names.records.setdefault((record.name, record.type), [record.data])
    text = visit("domain").get(page).content.decode()
    assert "All that mail needs is as it should be." in text
    assert "is not signed" not in text


def test_the_page_says_so_when_nobody_can_be_asked_and_shows_what_to_publish(visit, page, names):
    names.fails = FileNotFoundError(2, "No such file or directory")
    answer = visit("global").get(page)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "relevo-lookup.socket" in text
    assert "10 mail.example.org." in text
    assert "All that mail needs" not in text


def test_a_key_is_made_published_and_signs(visit, page, key):
    keys.delete(DOMAIN, key.selector)
    browser = visit("domain")
    answer = browser.post(page, {"do": "make"}, follow=True)
    made = keys.listing().get()
    assert f"The key {made.selector} is made" in answer.content.decode()
    answer = browser.post(page, {"do": "sign", "selector": made.selector}, follow=True)
    assert "does not show" in answer.content.decode()
    assert states() == {made.selector: "new"}


def test_a_key_that_dns_shows_signs(visit, page, key):
    answer = visit("domain").post(page, {"do": "sign", "selector": key.selector}, follow=True)
    assert f"is signed with {key.selector} from now on" in answer.content.decode()
    assert states() == {key.selector: "signing"}
    entry = AuditEntry.objects.get(action="dkim.sign")
    assert (entry.actor, entry.domain, entry.source) == ("helper@elsewhere.example", DOMAIN, "192.0.2.7")


@pytest.mark.parametrize("do", ["sign_unseen", "retire", "delete_now"])
def test_what_can_harm_mail_is_for_global_administrators(visit, page, key, do):
    browser = visit("domain")
    assert f'value="{do}"' not in browser.get(page).content.decode()
    assert browser.post(page, {"do": do, "selector": key.selector, "sure": "yes"}).status_code == 403
    assert states() == {key.selector: "new"}


def test_what_can_harm_mail_is_asked_twice(visit, page, key):
    browser = visit("global")
    for do, then in (("sign_unseen", "signing"), ("retire", "retired"), ("delete_now", None)):
        before = states()
        question = browser.post(page, {"do": do, "selector": key.selector})
        assert question.status_code == 200
        assert key.selector.encode() in question.content
        assert states() == before
        browser.post(page, {"do": do, "selector": key.selector, "sure": "yes"})
        assert states().get(key.selector) == then


@pytest.mark.parametrize("given", [
    {}, {"do": "nonsense"}, {"do": "delete", "selector": "none"}, {"do": "delete"}, {"do": "sign", "selector": "none"},
    {"do": "make"},
])
def test_nonsense_changes_nothing_and_is_said(visit, page, key, given):
    answer = visit("global").post(page, given, follow=True)
    assert answer.status_code == 200
    assert states() == {key.selector: "new"}


def test_a_retired_key_that_nobody_needs_is_deleted_by_the_domains_own(visit, page, key):
    keys.sign(DOMAIN, key.selector)
    keys.retire(DOMAIN, key.selector)
    assert 'value="delete"' not in visit("domain").get(page).content.decode()
    DkimKey.objects.update(retired_at=timezone.now() - SAFE - timedelta(minutes=1))
    text = visit("domain").get(page).content.decode()
    assert "Nobody needs it any more" in text
    assert key.name not in text.replace(f">{key.selector}<", "")
    visit("domain").post(page, {"do": "delete", "selector": key.selector, "sure": "yes"})
    assert not states()


def test_the_page_asks_the_database_as_often_however_many_keys_there_are(visit, page, key):
    def queries() -> int:
        with counted() as asked:
            visit("global").get(page)
        return len(asked)

    few = queries()
    for number in range(5):
        key.pk = None
        key.selector, key.state = f"old{number}", "retired"
        key.save()
    assert queries() == few


def test_in_spanish(visit, page):
    text = visit("global", language="es").get(page).content.decode()
    assert "What DNS says" not in text
    assert "Lo que dice el DNS" in text


def test_every_domain_gets_its_key_with_the_form_and_the_api(visit, program):
    visit("global").post("/admin/directory/domain/add/", {"name": "third.example", "mailbox_limit": "0"})
    program("global")("POST", "domains", {"name": "fourth.example"})
    assert {key.domain.name for key in keys.listing()} == {DOMAIN, "third.example", "fourth.example"}


# --- the API ----------------------------------------------------------------------------------------------------------
def kind_of(answer) -> str:
    return answer.json()["type"].partition("#")[2]


def test_a_rotation_by_the_api(program, key, names):
    call = program("domain")
    listed = call("GET", f"domains/{DOMAIN}/dkim").json()["items"]
    assert [(one["selector"], one["state"], one["text"]) for one in listed] == [
        (key.selector, "new", f"v=DKIM1; k=rsa; p={key.public}")
    ]
    assert "sealed" not in listed[0]
    path = f"domains/{DOMAIN}/dkim/{key.selector}"
    assert call("POST", f"{path}/sign").json()["state"] == "signing"
    made = call("POST", f"domains/{DOMAIN}/dkim", Idempotency_Key="once")
    again = call("POST", f"domains/{DOMAIN}/dkim", Idempotency_Key="once")
    assert (made.status_code, again.status_code, again.json()) == (201, 201, made.json())
    assert made.headers["Location"] == f"/api/v1/domains/{DOMAIN}/dkim/{made.json()['selector']}"
    refused = call("POST", f"domains/{DOMAIN}/dkim/{made.json()['selector']}/sign")
    assert (refused.status_code, kind_of(refused)) == (409, "refused")
    unseen = call("POST", f"domains/{DOMAIN}/dkim/{made.json()['selector']}/sign?published=true")
    assert (unseen.status_code, kind_of(unseen)) == (403, "forbidden")
    assert program("global")("POST", f"domains/{DOMAIN}/dkim/{made.json()['selector']}/sign?published=true").json()[
        "state"
    ] == "signing"
    assert call("GET", path).json()["state"] == "retired"
    assert call("DELETE", path, If_Match="*").status_code == 409
    assert call("DELETE", f"{path}?now=true", If_Match="*").status_code == 403
    assert program("global")("DELETE", f"{path}?now=true", If_Match="*").status_code == 204


def test_nobody_deletes_a_key_that_has_changed_since(program, key):
    call = program("global")
    path = f"domains/{DOMAIN}/dkim/{key.selector}"
    seen = call("GET", path).headers["ETag"]
    keys.sign(DOMAIN, key.selector)
    keys.retire(DOMAIN, key.selector)
    assert call("DELETE", f"{path}?now=true", If_Match=seen).status_code == 412
    assert call("DELETE", f"{path}?now=true").status_code == 428


def test_what_dns_says_by_the_api(program, key, names):
    names.records[DOMAIN, "MX"] = ["10 old.example.net."]
    told = program("domain")("GET", f"domains/{DOMAIN}/dns").json()
    found = {(one["name"], one["type"]): one for one in told["records"]}
    assert (told["well"], told["trouble"]) == (False, "")
    assert found[DOMAIN, "MX"]["verdict"] == "wrong"
    assert found[DOMAIN, "MX"]["found"] == ["10 old.example.net."]
    assert found[key.name, "TXT"]["verdict"] == "right"
    names.fails = FileNotFoundError(2, "No such file or directory")
    told = program("domain")("GET", f"domains/{DOMAIN}/dns").json()
    assert {one["verdict"] for one in told["records"]} == {"unknown"}
    assert "relevo-lookup" in told["trouble"]


def test_signing_without_anybody_to_ask_can_be_tried_later(program, key, names):
    names.fails = ConnectionRefusedError(111, "Connection refused")
    answer = program("global")("POST", f"domains/{DOMAIN}/dkim/{key.selector}/sign")
    assert (answer.status_code, kind_of(answer), answer.headers["Retry-After"]) == (503, "dns-unavailable", "5")
    assert states() == {key.selector: "new"}


def test_a_key_is_found_in_its_own_domain_alone(program, key):
    domains.add("third.example")
    for path in (f"domains/third.example/dkim/{key.selector}", f"domains/{DOMAIN}/dkim/none", "domains/a..b/dkim/none"):
        assert program("global")("GET", path).status_code == 404
        assert program("global")("POST", f"{path}/sign").status_code == 404
