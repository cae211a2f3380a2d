"""Last logins, sizes and devices: in the lists, on the pages of mailboxes, in the portal and in the API."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from relevo.directory import app_passwords, mailboxes
from relevo.directory.models import Mailbox
from relevo.directory.use_models import DeviceUse, MailboxUse, UseReading
from tests.unit.web.conftest import STRONG, counted
from tests.unit.web.test_account import ana, box  # noqa: F401 - a fixture among them

LIST = "/admin/directory/mailbox/"


def text(answer) -> str:
    return html.unescape(answer.content.decode()).replace("\N{NO-BREAK SPACE}", " ").replace(
        "\N{NON-BREAKING HYPHEN}", "-"
    )


def rows(answer) -> list[str]:
    return [str(entry) for entry in answer.context_data["cl"].result_list]


def device(address: str, name: str, app: int | None = 0, client: str = "203.0.113.6") -> None:
    now = timezone.now()
    DeviceUse.objects.create(
        key=f"{address}{name}"[:32], address=address, protocol="imap", app=app, program=name, client=client,
        first_at=now - timedelta(days=3), last_at=now,
    )


@pytest.fixture
def figures(people) -> None:
    now = timezone.now()
    UseReading.objects.create(node="mail01", at=now)
    for address, used in (("ana@second.example", 1 << 30), ("luis@second.example", 5 << 20), ("ana@example.org", 7)):
        MailboxUse.objects.create(
            pk=address, last_login_at=now, protocol="imap", client="203.0.113.6", quota_used=used, quota_at=now
        )
        device(address, f"Mail of {address}")


def test_the_list_shows_what_is_used_and_the_last_login(visit, figures):
    page = text(visit("global").get(LIST))
    assert "1024 MiB / 2048 MiB" in page
    assert 'value="50"' in page
    assert "5.0 MiB / 2048 MiB" in page
    assert "? / 2048 MiB" in page  # postmaster's was not counted yet
    assert ">never<" in page
    assert "What is used and the last logins: as of" in page


def test_the_list_is_sorted_by_either(visit, figures):
    for column in ("2", "3"):  # used, last login
        up, down = (rows(visit("global").get(f"{LIST}?o={way}{column}")) for way in ("", "-"))
        assert up.index("luis@example.org") < up.index("luis@second.example")
        assert down.index("luis@example.org") > down.index("luis@second.example")
    assert rows(visit("global").get(f"{LIST}?o=-2"))[:2] == ["ana@second.example", "luis@second.example"]


def test_old_figures_are_told_to_be_old(visit, figures):
    UseReading.objects.update(at=timezone.now() - timedelta(hours=2))
    assert "nothing newer comes" in text(visit("global").get(LIST))
    UseReading.objects.all().delete()
    assert "not known yet" in text(visit("global").get(LIST))


def test_more_rows_are_no_more_questions(visit, figures):
    with counted() as few:
        visit("global").get(LIST)
    for number in range(20):
        mailboxes.add(f"m{number}@example.org", STRONG)
        MailboxUse.objects.create(pk=f"m{number}@example.org", quota_used=number)
    with counted() as many:
        visit("global").get(LIST)
    assert len(many) == len(few)


def test_the_page_of_a_mailbox_shows_its_devices_and_no_others(visit, figures):
    entry = Mailbox.objects.get(address="ana@second.example")
    page = text(visit("domain").get(f"{LIST}{entry.pk}/change/"))
    assert "Mail of ana@second.example, mail fetched (IMAP), from 203.0.113.6, with the mailbox's own password" in page
    assert "Mail of luis@second.example" not in page
    Mailbox.objects.filter(pk=entry.pk).update(removed_at=timezone.now())
    assert "1024 MiB / 2048 MiB" in text(visit("domain").get(f"{LIST}{entry.pk}/change/"))


def test_what_a_program_calls_itself_is_text(visit, figures):
    device("ana@second.example", "<script>alert(1)</script>")
    entry = Mailbox.objects.get(address="ana@second.example")
    assert b"<script>alert" not in visit("domain").get(f"{LIST}{entry.pk}/change/").content


def test_domains_have_a_sum(visit, figures):
    assert "1029 MiB / 6144 MiB" in text(visit("domain").get("/admin/directory/domain/"))


# --- portal -----------------------------------------------------------------------------------------------------------
def test_an_owner_sees_devices_and_what_to_do(ana, figures):  # noqa: F811 - the fixture
    made = app_passwords.add(box(), "my phone", ["imap"])
    device("ana@example.org", "Phone 1", made.pk, "198.51.100.7")
    device("ana@example.org", "", None)
    device("luis@example.org", "Not Ana's")
    page = text(ana.get("/account/devices/"))
    for expected in (
        "Phone 1</strong>", "mail fetched (IMAP), from 198.51.100.7, with the app password “my phone”",
        "Mail fetched (IMAP)</strong>",
        "with the mailbox's own password", "One of them was not you?", "first on",
    ):
        assert expected in page
    assert "Not Ana's" not in page
    assert "last used on" in text(ana.get("/account/programs/"))
    assert "from 198.51.100.7" in text(ana.get("/account/programs/"))
    app_passwords.revoke(box(), made.pk)
    assert "with an app password that is revoked" in text(ana.get("/account/devices/"))


def test_an_owner_sees_what_is_used(ana, figures):  # noqa: F811 - the fixture
    assert "of 2048 MiB used (counted on" in text(ana.get("/account/"))
    MailboxUse.objects.all().delete()
    assert "up to 2048 MiB" in text(ana.get("/account/"))


def test_nobody_has_come_yet(ana):  # noqa: F811 - the fixture
    assert "Nothing is known yet" in text(ana.get("/account/devices/"))
    assert "not used to fetch mail in 90 days" not in text(ana.get("/account/programs/"))


# --- API --------------------------------------------------------------------------------------------------------------
def test_programs_read_the_figures_and_their_tag_stays(program, figures):
    call = program("domain")
    before = call("GET", "mailboxes/ana@second.example")
    assert before.json()["quota_used_bytes"] == 1 << 30
    assert before.json()["last_login_protocol"] == "imap"
    MailboxUse.objects.update(quota_used=9, last_login_at=timezone.now() + timedelta(hours=1))
    after = call("GET", "mailboxes/ana@second.example")
    assert after.json()["quota_used_bytes"] == 9
    assert after.headers["ETag"] == before.headers["ETag"]
    changed = call("PATCH", "mailboxes/ana@second.example", {"name": "A"}, If_Match=before.headers["ETag"])
    assert (changed.status_code, changed.headers["ETag"] == before.headers["ETag"]) == (200, False)


def test_programs_read_devices_of_their_own_domain(program, figures):
    told = program("domain")("GET", "mailboxes/ana@second.example/use").json()
    assert [one["program"] for one in told["devices"]] == ["Mail of ana@second.example"]
    assert told["as_of"]
    assert program("domain")("GET", "mailboxes/ana@example.org/use").status_code == 404


def test_a_program_is_told_the_limit(program, people):
    call = program("global")
    call("PATCH", "domains/second.example", {"quota_limit_mb": 7000, "alias_limit": 1}, If_Match="*")
    given = {"address": "new@second.example", "password": STRONG, "quota_mb": 2048}
    refused = program("domain")("POST", "mailboxes", given)
    assert refused.status_code == 409
    assert "has given 6144 of 7000 MiB, so 2048 MiB are too much: 856 are left" in refused.json()["detail"]
    refused = program("domain")("POST", "aliases", {"address": "b@second.example", "to": ["x@elsewhere.example"]})
    assert "has 1 of 1 aliases" in refused.json()["detail"]
    assert program("domain")("PATCH", "domains/second.example", {"alias_limit": 0}, If_Match="*").status_code == 403
