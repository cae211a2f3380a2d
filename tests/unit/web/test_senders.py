"""What administrators say of senders, on the web and by the API."""

from __future__ import annotations

import html

import pytest

from relevo.directory import sender_rules
from relevo.directory.models import AuditEntry
from relevo.directory.quarantine_models import SenderRule
from tests.unit.web.conftest import counted

pytestmark = pytest.mark.usefixtures("senders")
PAGE, RULES = "/admin/directory/senderrule/", "sender-rules"


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def said(domain: str = "second.example") -> set[tuple[str, str, str]]:
    rows = SenderRule.objects.all() if not domain else sender_rules.concerning(SenderRule.objects.all(), domain)
    return set(rows.values_list("sender", "recipient", "verdict"))


# --- web -------------------------------------------------------------------------------------------------------------
def test_a_domains_administrator_speaks_for_the_domain_and_its_mailboxes(visit):
    browser = visit("domain")
    for recipient in ("second.example", "ana@second.example"):
        given = {"sender": "Shop@Example.com", "verdict": "allow", "recipient": recipient}
        assert browser.post(f"{PAGE}add/", given).status_code == 302
    assert said() >= {("shop@example.com", one, "allow") for one in ("@second.example", "ana@second.example")}
    entry = AuditEntry.objects.filter(action="sender.allow").first()
    assert (entry.actor, entry.domain) == ("helper@elsewhere.example", "second.example")


@pytest.mark.parametrize(
    "recipient", ["*", "example.org", "ana@example.org", "nobody@example.org", "@example.org", " * "]
)
def test_for_no_other(visit, program, recipient):
    before = said("")
    given = {"sender": "x.example", "verdict": "allow", "recipient": recipient}
    answer = visit("domain").post(f"{PAGE}add/", given)
    assert "one of your domains" in text(answer)
    assert program("domain")("POST", RULES, given).status_code == 403
    assert said("") == before


@pytest.mark.parametrize(
    ("sender", "recipient", "told"),
    [("", "*", "required"), ("nonsense", "*", "nonsense"), ("x.example", "no@second.example", "there is no mailbox"),
     ("x.example", "nowhere.example", "there is no domain")],
)
def test_what_can_not_be_is_told(visit, sender, recipient, told):
    before = said("")
    answer = visit("global").post(f"{PAGE}add/", {"sender": sender, "verdict": "allow", "recipient": recipient})
    assert answer.status_code == 200
    assert told in text(answer).lower()
    assert said("") == before


def test_found_by_words_by_verdict_and_by_domain(visit):
    sender_rules.say("allow", "shop@example.com", "luis@example.org")
    browser = visit("global")
    assert "luis@example.org" in text(browser.get(PAGE, {"q": "SHOP luis"}))
    assert "casino.example" not in text(browser.get(PAGE, {"q": "shop"}))
    assert "casino.example" not in text(browser.get(PAGE, {"verdict": "allow"}))
    only = text(browser.get(PAGE, {"domain": "example.org"}))
    assert "ana@example.org" in only
    assert "ana@second.example" not in only


def test_taken_back_after_a_second_question(visit):
    rule = SenderRule.objects.get(recipient="@second.example")
    browser = visit("domain")
    asked = browser.get(f"{PAGE}{rule.pk}/delete/")
    assert "Remove the rule on casino.example?" in text(asked)
    assert SenderRule.objects.filter(pk=rule.pk).exists()
    browser.post(f"{PAGE}{rule.pk}/delete/")
    assert not SenderRule.objects.filter(pk=rule.pk).exists()
    other = SenderRule.objects.get(recipient="")
    browser.post(f"{PAGE}{other.pk}/delete/")
    assert SenderRule.objects.filter(pk=other.pk).exists()


def test_the_audit_log_is_asked_for_whom_it_was(visit):
    rule = SenderRule.objects.get(recipient="ana@second.example")
    assert visit("domain").get(f"{PAGE}{rule.pk}/history/").headers["Location"].endswith("?q=ana%40second.example")


def test_no_more_queries_however_many_rows(visit, program):
    browser, call = visit("domain"), program("domain")

    def asks() -> tuple[int, int]:
        with counted() as page:
            browser.get(PAGE)
        with counted() as api:
            call("GET", RULES)
        return len(page), len(api)

    asks()
    few = asks()
    for number in range(40):
        sender_rules.say("block", f"casino{number}.example", "ana@second.example")
    assert asks() == few


# --- API -------------------------------------------------------------------------------------------------------------
def test_allow_read_and_take_back(program):
    call = program("domain")
    given = {"sender": "@Shop.example", "recipient": "Ana@second.example", "verdict": "allow"}
    made = call("POST", RULES, given, Idempotency_Key="1")
    told = made.json()
    assert (made.status_code, told["sender"], told["recipient"]) == (201, "shop.example", "ana@second.example")
    assert call("POST", RULES, given, Idempotency_Key="1").headers["Idempotency-Replayed"] == "true"
    where = made.headers["Location"]
    assert where == f"/api/v1/sender-rules/{told['id']}"
    assert call("GET", where).json() == told
    assert call("DELETE", where).status_code == 428
    assert call("DELETE", where, If_Match='"no"').status_code == 412
    assert call("DELETE", where, If_Match=made.headers["ETag"]).status_code == 204
    assert call("GET", where).status_code == 404


def test_the_last_word_takes_the_place_of_the_one_before(program):
    call = program("global")
    first = call("POST", RULES, {"sender": "casino.example", "verdict": "allow"})
    assert first.json() == {**first.json(), "recipient": "*", "verdict": "allow"}
    assert [one["id"] for one in call("GET", f"{RULES}?search=casino&verdict=allow").json()["items"]] == [
        first.json()["id"]
    ]


def test_pages_and_filters(program):
    call = program("global")
    told = call("GET", f"{RULES}?limit=2").json()
    rest = call("GET", told["next"]).json()
    numbers = [one["id"] for one in (*told["items"], *rest["items"])]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 4
    in_domain = call("GET", f"{RULES}?domain=second.example").json()["items"]
    assert {one["recipient"] for one in in_domain} == {"second.example", "ana@second.example"}
    assert {one["recipient"] for one in program("domain")("GET", RULES).json()["items"]} == {
        "second.example", "ana@second.example"
    }


@pytest.mark.parametrize(
    "given",
    [{"sender": "x", "verdict": "allow"}, {"sender": "x.example", "verdict": "maybe"}, {"verdict": "allow"},
     {"sender": "x.example", "verdict": "allow", "recipient": "nonsense"}, {"sender": "x.example"}],
)
def test_what_is_no_rule(program, given):
    before = said("")
    assert program("global")("POST", RULES, given).status_code == 422
    assert said("") == before


def test_for_a_mailbox_that_is_not_there(program):
    given = {"sender": "x.example", "verdict": "allow", "recipient": "no@example.org"}
    answer = program("global")("POST", RULES, given)
    assert answer.status_code == 409
    assert "there is no mailbox" in answer.json()["detail"]
