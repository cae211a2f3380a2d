"""What is said of senders, and the view that the filter reads."""

from __future__ import annotations

import pytest

from tests.unit.directory.conftest import Lookup, installed, lookup, platform  # noqa: F401 - fixtures

from relevo.directory import aliases, domains, mailboxes, sender_rules  # isort: skip - Django is started above
from relevo.directory.models import AuditEntry  # isort: skip - the same
from relevo.directory.quarantine_models import SenderRule  # isort: skip - the same
from relevo.errors import DirectoryError  # isort: skip - the same


@pytest.fixture
def people(platform) -> None:  # noqa: F811 - the fixture
    for name in ("ana", "luis"):
        mailboxes.add(f"{name}@example.org", "unrelated-words-9")
    aliases.add("sales@example.org", ["ana@example.org"])
    aliases.add("info@example.org", ["ana@example.org", "luis@example.org"])
    domains.add("example.net", alias_of="example.org")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Shop@Example.COM", "shop@example.com"), ("example.com", "@example.com"), ("@Example.com", "@example.com"),
        ("a+b@ñandú.example", "a+b@xn--and-6ma2c.example"),
    ],
)
def test_how_a_sender_is_written(written: str, kept: str) -> None:
    assert sender_rules.sender_of(written) == kept


@pytest.mark.parametrize("bad", ["", "@", "shop", "a b@example.com", "x@", "a@b@", "*@example.com@x"])
def test_what_is_no_sender(people: None, bad: str) -> None:
    with pytest.raises(DirectoryError):
        sender_rules.say("block", bad)
    assert not SenderRule.objects.exists()


def test_the_filter_finds_them_at_every_address_that_leads_to_one_mailbox_alone(people: None, lookup: Lookup) -> None:  # noqa: F811
    sender_rules.say("allow", "shop@example.com", "ana@example.org")
    assert lookup("lookup_sender_rule", "recipient, verdict", sender="shop@example.com") == {
        (address, "allow") for address in (
            "ana@example.org", "ana@example.net", "sales@example.org", "sales@example.net",
        )
    }


def test_for_a_domain_and_its_alias_domains_and_for_all(people: None, lookup: Lookup) -> None:  # noqa: F811
    sender_rules.say("block", "bad.example", "example.org")
    sender_rules.say("block", "worse@bad.example")
    assert lookup("lookup_sender_rule", "recipient, sender, verdict") == {
        ("@example.org", "@bad.example", "block"), ("@example.net", "@bad.example", "block"),
        ("", "worse@bad.example", "block"),
    }


def test_the_last_word_counts_and_each_is_noted(people: None) -> None:
    sender_rules.say("allow", "shop@example.com", "ana@example.org")
    rule = sender_rules.say("block", "shop@example.com", "ana@example.org")
    assert [(one.sender, one.verdict) for one in SenderRule.objects.all()] == [("shop@example.com", "block")]
    sender_rules.remove(sender_rules.find("SHOP@example.com", "ana@example.org"))
    assert not SenderRule.objects.filter(pk=rule.pk).exists()
    told = AuditEntry.objects.filter(action__startswith="sender.").order_by("pk")
    assert [(one.action, one.subject, one.detail["sender"]) for one in told] == [
        (action, "ana@example.org", "shop@example.com") for action in ("sender.allow", "sender.block", "sender.remove")
    ]


@pytest.mark.parametrize(
    "whom", ["nobody@example.org", "elsewhere.example", "example.net", "relevo-probe-mail01@example.org"]
)
def test_for_nobody_of_ours_nothing_is_said(people: None, whom: str) -> None:
    with pytest.raises(DirectoryError):
        sender_rules.say("block", "bad.example", whom)


def test_it_goes_with_the_mailbox(people: None) -> None:
    sender_rules.say("block", "bad.example", "luis@example.org")
    mailboxes.remove("luis@example.org", everywhere=True)
    from relevo.directory.models import Mailbox  # noqa: PLC0415 - a started Django

    Mailbox.objects.get(address="luis@example.org").delete()
    assert not SenderRule.objects.exists()


def test_nothing_leads_to_a_mailbox_of_the_platform_s_own(people: None) -> None:
    with pytest.raises(DirectoryError, match="platform's own"):
        aliases.add("trap@example.org", ["relevo-probe-mail01@example.org"])
