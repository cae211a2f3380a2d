"""From a line of the audit log to what it is about: the very thing, or no link."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from relevo.directory import administrators, aliases, audit, lists, mailboxes, sender_rules, shared, tokens
from relevo.directory.models import AuditEntry, Domain, Mailbox
from relevo.directory.shared_models import SharedMailbox
from relevo.web.sections.audit import _ACTIONS

pytestmark = pytest.mark.usefixtures("people")
WITHOUT_PAGE = ("queue.", "trace.", "quarantine.")
LINK = re.compile(r'<a class="relevo-link" href="(/admin/directory/[^"]+)">([^<]+)</a>')


def last(action: str = "") -> AuditEntry:
    return AuditEntry.objects.filter(action__startswith=action).latest("pk")


def link(browser: Client, entry: AuditEntry) -> tuple[str, str]:
    """Return where the page of an entry leads and by which words; empty when nowhere."""
    page = browser.get(f"/admin/directory/auditentry/{entry.pk}/change/")
    assert page.status_code == 200
    assert entry.subject in page.content.decode()
    found = LINK.findall(page.content.decode())
    return found[0] if found else ("", "")


def page_of(entry) -> str:
    return f"/admin/directory/{type(entry).__name__.lower()}/{entry.pk}/change/"


def test_a_token_is_found_by_its_number_not_by_whose_it_is(visit, secret_of):
    secret_of("global")
    first, entry = tokens.listing().get(), last("admin.token.add")
    secret_of("global")
    assert link(visit("global"), entry) == (page_of(first), "root@elsewhere.example: a test")
    assert visit("global").get(page_of(first)).status_code == 200
    tokens.remove(first.pk)
    assert link(visit("global"), entry) == ("", "")
    assert link(visit("global"), last("admin.token.remove")) == ("", "")


def test_the_history_of_a_token_is_in_the_audit_log(visit, secret_of):
    secret_of("global")
    tokens.add("helper@elsewhere.example", "another", days=1)
    entries = AuditEntry.objects.filter(action="admin.token.add").order_by("pk")
    for token, entry in zip(tokens.listing(), entries, strict=True):
        page = visit("global").get(f"/admin/directory/apitoken/{token.pk}/history/", follow=True).content.decode()
        assert re.findall(r"/auditentry/(\d+)/change/", page) == [str(entry.pk)]


def test_each_kind_of_entry_leads_to_its_own_page(visit):
    sender_rules.say("block", "casino.example", "ana@example.org")
    rule = sender_rules.say("allow", "x@elsewhere.example")
    browser = visit("global")
    for action, found in (
        ("domain.add", Domain.objects.get(name="second.example")),
        ("dkim.make", Domain.objects.get(name="second.example")),
        ("mailbox.add", Mailbox.objects.get(address="luis@second.example")),
        ("shared.add", SharedMailbox.objects.get(address="sales@second.example")),
        ("alias.add", aliases.find("info@second.example")),
        ("list.add", lists.find("all@second.example")),
        ("sender.block", sender_rules.find("casino.example", "ana@example.org")),
        ("sender.allow", rule),
        ("admin.add", administrators.find("helper@elsewhere.example")),
    ):
        where, _words = link(browser, last(action))
        assert where == page_of(found), action
        assert browser.get(where).status_code == 200, action


def test_of_what_is_gone_the_words_are_left(visit):
    rule = sender_rules.say("block", "casino.example")
    sender_rules.remove(rule)
    aliases.remove("info@example.org")
    lists.remove("all@example.org")
    administrators.remove("helper@elsewhere.example")
    mailboxes.remove("luis@example.org", everywhere=True)
    entry = last("mailbox.add")
    assert entry.subject == "luis@second.example"
    removed = last("mailbox.remove")
    where, _words = link(visit("global"), removed)
    assert visit("global").get(where).status_code == 200  # its mail is still there
    for action in ("sender.", "alias.remove", "list.remove", "admin.remove"):
        assert link(visit("global"), last(action)) == ("", ""), action


def test_a_removed_shared_mailbox_is_found_among_the_mailboxes(visit):
    shared.change("sales@example.org", name="Sales")
    assert link(visit("global"), last("shared.set"))[0].startswith("/admin/directory/sharedmailbox/")
    assert link(visit("global"), last("mailbox.set"))[0].startswith("/admin/directory/sharedmailbox/")
    shared.remove("sales@example.org")
    for action in ("shared.set", "mailbox.remove"):
        where, _words = link(visit("global"), last(action))
        assert where.startswith("/admin/directory/mailbox/"), action
        assert visit("global").get(where).status_code == 200, action


def test_a_domains_administrator_gets_no_link_to_others(visit):
    with audit.acting("root@elsewhere.example", ""):
        sender_rules.say("block", "casino.example", "ana@second.example")
    browser = visit("domain")
    assert link(browser, last("sender.block"))[0].startswith("/admin/directory/senderrule/")
    assert link(browser, last("domain.add"))[0] == page_of(Domain.objects.get(name="second.example"))


@pytest.mark.parametrize("action", sorted(_ACTIONS))
def test_the_link_of_each_action_can_be_followed_or_is_none(visit, action, secret_of):
    secret_of("global")
    subject = {"domain": "example.org", "dkim": "example.org", "alias": "info@example.org", "list": "all@example.org",
               "post": "all@example.org", "shared": "sales@example.org", "admin": "root@elsewhere.example"}
    detail = {"id": tokens.listing().get().pk, "sender": "casino.example"}
    audit.record(action, subject.get(action.partition(".")[0], "ana@example.org"), **detail)
    where, words = link(visit("global"), last())
    assert bool(where) is not action.startswith((*WITHOUT_PAGE, "sender."))
    if where:
        assert visit("global").get(where).status_code == 200
        assert words.startswith(last().subject)
