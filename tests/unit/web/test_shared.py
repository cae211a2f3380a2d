"""Shared mailboxes on the web: the administration's form, and what owners see in the portal."""

from __future__ import annotations

import html

import pytest

from relevo.directory import describe, shared
from relevo.directory.models import Domain, Mailbox
from relevo.directory.shared_models import SharedMailbox
from tests.unit.web.conftest import STRONG, counted

PLACE = "/admin/directory/sharedmailbox/"
SALES = "sales@example.org"


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def told(address: str = SALES) -> dict[str, object]:
    return describe.shared_mailbox(shared.find(address))


@pytest.fixture
def sales(people) -> SharedMailbox:
    return shared.find(SALES)


def test_one_is_added_with_its_members(visit):
    given = {
        "local_part": "team", "domain": Domain.objects.get(name="example.org").pk, "name": "Team", "enabled": "on",
        "writers": "ana@example.org, luis@example.org", "senders": "ana@example.org",
    }
    answer = visit("global").post(f"{PLACE}add/", given)
    assert answer.status_code == 302
    assert told("team@example.org") == {
        "address": "team@example.org", "name": "Team", "enabled": True, "quota_mb": 2048, "readers": [],
        "writers": ["ana@example.org", "luis@example.org"], "managers": [], "senders": ["ana@example.org"],
    }


def test_the_form_shows_who_may_what_and_changes_it(visit, sales):
    browser = visit("global")
    place = f"{PLACE}{sales.pk}/change/"
    page = text(browser.get(place))
    assert "luis@example.org" in page
    given = {"name": "", "quota_mb": "100", "enabled": "on", "managers": "luis@example.org", "senders": ""}
    assert browser.post(place, given).status_code == 302
    assert told() == {
        "address": SALES, "name": "", "enabled": True, "quota_mb": 100, "readers": [], "writers": [],
        "managers": ["luis@example.org"], "senders": [],
    }


@pytest.mark.parametrize(("field", "value", "because"), [
    ("readers", "nobody@example.org", "Nobody has the mailbox nobody@example.org"),
    ("senders", "nobody@example.org", "must be able to read"),
    ("readers", "no address", "no"),
])
def test_what_can_not_be_is_said_at_the_form_and_nothing_changes(visit, sales, field, value, because):
    before = told()
    given = {
        "name": "Other", "quota_mb": "2048", "enabled": "on", "readers": "ana@example.org",
        "writers": "luis@example.org", "senders": "luis@example.org", field: value,
    }
    answer = visit("global").post(f"{PLACE}{sales.pk}/change/", given)
    assert answer.status_code == 200
    assert because in text(answer)
    assert told() == before


def test_it_is_removed_after_a_question_and_comes_back_among_the_mailboxes(visit, sales):
    browser = visit("global")
    assert "Remove sales@example.org?" in text(browser.get(f"{PLACE}{sales.pk}/delete/"))
    assert Mailbox.objects.get(pk=sales.pk).removed_at is None
    browser.post(f"{PLACE}{sales.pk}/delete/", {"post": "yes"})
    assert Mailbox.objects.get(pk=sales.pk).removed_at
    assert SALES not in text(visit("global").get("/admin/directory/mailbox/"))
    assert SALES in text(browser.get("/admin/directory/mailbox/?removed=yes"))


def test_it_is_no_mailbox_to_log_in_to(visit, sales):
    answer = visit("global").get(f"/admin/directory/mailbox/{sales.pk}/change/")
    assert answer.status_code == 302  # there is no such one
    login = {"address": SALES, "password": STRONG}
    assert visit().post("/account/login/", login).status_code == 200


def test_owners_see_theirs_and_no_others(visit, sales):
    browser = visit()
    browser.post("/account/login/", {"address": "luis@example.org", "password": STRONG})
    assert SALES in text(browser.get("/account/"))
    page = text(browser.get("/account/shared/"))
    assert SALES in page
    assert "mark, move and delete its mail, and send as it" in page
    assert "“Shared mailboxes”" in page
    assert "sales@second.example" not in page
    shared.withdraw(SALES, "luis@example.org")
    assert "None. An administrator decides" in text(browser.get("/account/shared/"))


def test_the_page_asks_no_more_for_many(visit, sales):
    browser = visit()
    browser.post("/account/login/", {"address": "luis@example.org", "password": STRONG})
    browser.get("/account/shared/")
    with counted() as few:
        browser.get("/account/shared/")
    for number in range(10):
        shared.add(f"team{number}@example.org", readers=["luis@example.org"])
    with counted() as many:
        browser.get("/account/shared/")
    assert len(many) == len(few)
