"""What relevo-use has written, as people and programs see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from relevo.directory import app_passwords, describe_use, mailboxes, use
from relevo.directory.models import Domain, Mailbox
from relevo.directory.use_models import DeviceUse, MailboxUse, UseReading

STRONG = "unrelated-words-9"
AT = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)


@pytest.fixture
def ana(platform) -> Mailbox:
    return mailboxes.add("ana@example.org", STRONG)


def device(box: Mailbox, app: int | None, *, days: int = 0, protocol: str = "imap", program: str = "") -> DeviceUse:
    made: DeviceUse = DeviceUse.objects.create(
        key=f"{app}{days}{protocol}{program}", address=box.address, protocol=protocol, app=app, program=program,
        client="203.0.113.6", first_at=AT - timedelta(days=days, hours=1), last_at=AT - timedelta(days=days),
    )
    return made


def test_a_mailbox_is_described_with_its_figures_and_without(ana):
    told = describe_use.used_mailbox(use.shown(mailboxes.listing()).get(pk=ana.pk))
    assert (told["last_login_at"], told["quota_used_bytes"], told["last_login_protocol"]) == (None, None, "")
    MailboxUse.objects.create(
        pk=ana.address, last_login_at=AT, protocol="pop3", client="203.0.113.6", quota_used=3072, quota_at=AT
    )
    told = describe_use.used_mailbox(use.shown(mailboxes.listing()).get(pk=ana.pk))
    assert told["last_login_at"] == "2026-11-29T01:00:00+00:00"
    assert (told["quota_used_bytes"], told["last_login_protocol"]) == (3072, "pop3")


def test_what_is_used_is_summed_up_by_domain(ana):
    luis = mailboxes.add("luis@example.org", STRONG, quota_mb=100)
    for address, used in ((ana.address, 1000), (luis.address, 500), ("x@second.example", 9)):
        MailboxUse.objects.create(pk=address, quota_used=used)
    mailboxes.remove(luis.address)
    told = describe_use.used_domain(use.summed(Domain.objects.all()).get(name="example.org"))
    # postmaster and ana are in use with the default; what is removed is on the disk still
    assert (told["quota_used_bytes"], told["quota_given_mb"]) == (1500, 2 * 2048)


def test_devices_are_told_with_the_password_that_they_came_with(ana):
    made = app_passwords.add(ana, "my phone", ["imap"])
    device(ana, 0, days=3)
    device(ana, made.pk, days=2, program="Mail 1")
    device(ana, 4711, days=1)
    device(ana, None, protocol="smtp")
    device(mailboxes.add("luis@example.org", STRONG), 0, days=9)
    told = describe_use.use_of(ana)
    assert [(one["password"], one["app_password"], one["program"]) for one in told["devices"]] == [
        ("unknown", "", ""), ("app", "", ""), ("app", "my phone", "Mail 1"), ("own", "", ""),
    ]


def test_an_app_password_tells_when_it_was_used_last(ana):
    made, other = app_passwords.add(ana, "my phone", ["imap"]), app_passwords.add(ana, "scanner", ["smtp"])
    for days in (5, 1, 3):
        device(ana, made.pk, days=days)
    last = use.of_app_passwords(ana)
    assert last[made.pk].last_at == AT - timedelta(days=1)
    assert other.pk not in last
    told = {one["name"]: one["last_used_at"] for one in describe_use.use_of(ana)["app_passwords"]}
    assert told == {"my phone": "2026-11-28T01:00:00+00:00", "scanner": None}


def test_figures_say_how_old_they_are(platform):
    assert use.as_of().is_old
    UseReading.objects.create(node="mail01", at=timezone.now() - timedelta(hours=9))
    assert use.as_of().is_old
    UseReading.objects.create(node="mail02", at=timezone.now())
    assert not use.as_of().is_old


def test_whoever_gets_an_address_next_finds_nothing_of_who_had_it(ana):
    MailboxUse.objects.create(pk=ana.address, last_login_at=AT)
    device(ana, 0)
    use.forget(ana.address)
    assert not MailboxUse.objects.exists()
    assert not DeviceUse.objects.exists()
