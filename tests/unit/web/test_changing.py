"""What the forms do: through the directory's functions, with one message when these refuse."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.contrib.sessions.models import Session

from relevo.directory import tokens
from relevo.directory.api_models import ApiToken
from relevo.directory.login_models import FailedLogin
from relevo.directory.models import Administrator, Alias, AuditEntry, DistributionList, Domain, Mailbox
from tests.unit.web.conftest import STRONG

NEW = {"local_part": "new", "name": "", "password": STRONG, "again": STRONG, "quota_mb": "", "forward": "",
       "keep_copy": "on", "enabled": "on"}


def domain(name="example.org") -> int:
    return Domain.objects.get(name=name).pk


def said(answer) -> str:
    """Return a page's text, with its entities as people read them."""
    return html.unescape(answer.content.decode())


def kind(entry) -> str:
    return type(entry).__name__.lower()


def add(browser, kind="mailbox", **given):
    return browser.post(f"/admin/directory/{kind}/add/", {**NEW, "domain": domain(), **given}, follow=True)


def change(browser, entry, **given):
    return browser.post(f"/admin/directory/{kind(entry)}/{entry.pk}/change/", given, follow=True)


def remove(browser, entry, **given):
    return browser.post(f"/admin/directory/{kind(entry)}/{entry.pk}/delete/", given, follow=True)


def test_a_mailbox_is_added_by_who_is_logged_in(visit):
    add(visit("global"), name="Néw <b>Person</b>", forward="x@elsewhere.example, ana@example.org")
    box = Mailbox.objects.get(address="new@example.org")
    assert (box.name, box.quota_mb, box.enabled) == ("Néw <b>Person</b>", 2048, True)
    assert {row.target for row in box.forwards.all()} == {"x@elsewhere.example", "ana@example.org"}
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.source, entry.action) == ("root@elsewhere.example", "192.0.2.7", "mailbox.add")


def test_markup_in_a_name_stays_text(visit):
    add(visit("global"), name="<script>alert(1)</script>")
    for path in ("/admin/directory/mailbox/", f"/admin/directory/mailbox/{Mailbox.objects.latest('pk').pk}/change/"):
        assert "<script>alert" not in visit("global").get(path).content.decode()


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"local_part": "ñandú"}, "only ASCII"),
        ({"local_part": "ana+tag"}, "is a tag that every mailbox has"),
        ({"local_part": "ana"}, "There is a mailbox ana@example.org already"),
        ({"local_part": "info"}, "There is an alias info@example.org already"),
        ({"local_part": "a@b"}, "letters, digits"),
        ({"local_part": "<b>x</b>"}, "letters, digits"),
        ({"local_part": "abuse", "enabled": ""}, "must always arrive"),
        ({"password": "short", "again": "short"}, "10 to 128"),
        ({"again": "another-one-entirely"}, "not the same"),
        ({"forward": "nobody@example.org"}, "no mailbox, alias or list"),
        ({"forward": "no address"}, "is no address"),
        ({"forward": "new@example.org"}, "in a circle"),
        ({"quota_mb": "-1"}, "greater than or equal to 0"),
        ({"quota_mb": "99999999999"}, "less than or equal to"),
    ],
)
def test_what_can_not_be_is_one_message_and_leaves_nothing(visit, given, because):
    before, lines = Mailbox.objects.count(), AuditEntry.objects.count()
    answer = add(visit("global"), **given)
    assert answer.status_code == 200
    assert said(answer).count(because) == 1
    assert (Mailbox.objects.count(), AuditEntry.objects.count()) == (before, lines)


def test_a_mailbox_takes_the_place_of_an_automatic_alias(visit):
    add(visit("global"), local_part="abuse")
    assert Mailbox.objects.filter(address="abuse@example.org").exists()
    assert not Alias.objects.filter(address="abuse@example.org").exists()


def test_only_what_was_changed_is_written(visit):
    box = Mailbox.objects.get(address="ana@example.org")
    form = {"name": "Ana", "quota_mb": "500", "enabled": "on", "keep_copy": "on", "forward": "", "password": ""}
    change(visit("global"), box, **form)
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.detail) == ("mailbox.set", {"quota_mb": 500})
    change(visit("global"), box, **form)
    assert AuditEntry.objects.first() == entry  # nothing was different: nothing was done


def test_password_and_the_rest_are_changed_together_or_not_at_all(visit):
    box = Mailbox.objects.get(address="ana@example.org")
    form = {"name": "Ana", "quota_mb": "500", "enabled": "on", "keep_copy": "on", "password": "some-other-words-7",
            "again": "some-other-words-7"}
    assert "no mailbox, alias or list" in said(change(visit("global"), box, **form, forward="nobody@example.org"))
    assert Mailbox.objects.get(pk=box.pk).password == box.password
    change(visit("global"), box, **form, forward="")
    assert Mailbox.objects.get(pk=box.pk).password != box.password


def test_a_mailbox_is_removed_after_a_question_and_brought_back(visit):
    browser, box = visit("global"), Mailbox.objects.get(address="luis@example.org")
    question = said(browser.get(f"/admin/directory/mailbox/{box.pk}/delete/"))
    assert "Its mail stays" in question
    assert Mailbox.objects.get(pk=box.pk).removed_at is None
    assert "is removed; its mail stays" in said(remove(browser, box))
    assert Mailbox.objects.get(pk=box.pk).removed_at
    assert "luis@example.org" not in said(browser.get("/admin/directory/mailbox/"))
    assert "luis@example.org" in said(browser.get("/admin/directory/mailbox/?removed=yes"))
    assert change(browser, box, name="x").status_code == 403
    assert remove(browser, box).status_code == 403
    browser.post(f"/admin/directory/mailbox/{box.pk}/restore/")
    assert Mailbox.objects.get(pk=box.pk).removed_at is None


def test_a_mailbox_that_others_send_to_is_removed_only_when_that_was_ticked(visit):
    browser, box = visit("global"), Mailbox.objects.get(address="ana@example.org")
    lists = DistributionList.objects.get(address="all@example.org")
    assert "list all@example.org" in said(remove(browser, box))
    assert Mailbox.objects.get(pk=box.pk).removed_at is None
    assert lists.members.count() == 1
    Alias.objects.filter(address="info@example.org").delete()
    remove(browser, box, everywhere="on")
    assert Mailbox.objects.get(pk=box.pk).removed_at
    assert lists.members.count() == 0


def test_a_domains_administrator_takes_nothing_out_of_other_domains(visit):
    box = Mailbox.objects.get(address="ana@second.example")
    assert "still sent on" in said(remove(visit("domain"), box, everywhere="on"))
    assert Mailbox.objects.get(pk=box.pk).removed_at is None


def test_probe_mailboxes_are_not_there(visit):
    assert "relevo-probe" not in said(visit("global").get("/admin/directory/mailbox/?q=relevo"))
    hidden = Mailbox.objects.get(hidden=True)
    assert visit("global").get(f"/admin/directory/mailbox/{hidden.pk}/change/").status_code == 302


def test_domains_come_change_and_go(visit):
    browser = visit("global")
    given = {"name": "CAMIÓN.example", "alias_of": "", "catch_all": "", "default_quota_mb": "7", "enabled": "on"}
    browser.post("/admin/directory/domain/add/", given)
    made = Domain.objects.get(name="xn--camin-3ta.example")
    assert made.default_quota_mb == 7
    assert "camión.example (xn--camin-3ta.example)" in said(browser.get("/admin/directory/domain/"))
    limits = {"mailbox_limit": "3", "alias_limit": "4", "list_limit": "5", "quota_limit_mb": "6000"}
    form = {"alias_of": "", "catch_all": "x@elsewhere.example", "default_quota_mb": "", **limits}
    change(browser, made, **form, enabled="")
    made.refresh_from_db()
    assert (made.catch_all, made.mailbox_limit, made.enabled) == ("x@elsewhere.example", 3, False)
    assert (made.alias_limit, made.list_limit, made.quota_limit_mb) == (4, 5, 6000)
    assert made.default_quota_mb is None
    change(browser, made, alias_of=domain(), catch_all="", **limits, default_quota_mb="", enabled="on")
    assert Domain.objects.get(pk=made.pk).alias_of.name == "example.org"
    assert "mail to it is refused" in said(remove(browser, made))
    assert not Domain.objects.filter(pk=made.pk).exists()


def test_a_domain_with_something_in_it_stays(visit):
    second = Domain.objects.get(name="second.example")
    assert "is not empty" in said(remove(visit("global"), second))
    assert "first domain of this platform" in said(remove(visit("global"), Domain.objects.get(name="example.org")))
    assert Domain.objects.count() == 2


def test_aliases_come_change_and_go(visit):
    browser = visit("global")
    add(browser, "alias", local_part="ventas", to="ana@example.org\nluis@example.org")
    made = Alias.objects.get(address="ventas@example.org")
    assert made.targets.count() == 2
    assert "in a circle" in said(change(browser, made, to="info@example.org ventas@example.org", enabled="on"))
    assert "no mailbox, alias or list" in said(change(browser, made, to="nobody@example.org", enabled="on"))
    change(browser, made, to="x+y@elsewhere.example", enabled="")
    made.refresh_from_db()
    assert ([row.target for row in made.targets.all()], made.enabled) == (["x+y@elsewhere.example"], False)
    remove(browser, made)
    assert not Alias.objects.filter(pk=made.pk).exists()


def test_a_system_alias_comes_back_by_itself_and_is_never_closed(visit):
    browser = visit("global")
    abuse = Alias.objects.get(address="abuse@second.example")
    assert "must always arrive" in said(change(browser, abuse, to="ana@second.example", enabled=""))
    change(browser, abuse, to="ana@second.example", enabled="on")
    abuse.refresh_from_db()
    assert not abuse.automatic
    remove(browser, abuse)
    assert Alias.objects.get(address="abuse@second.example").automatic


def test_lists_come_change_and_go(visit):
    browser = visit("global")
    waits = {"moderated": "off", "owners": ""}
    given = {"local_part": "board", "members": "ana@example.org", "senders": "", "name": "B", **waits}
    add(browser, "distributionlist", **given, policy="named")
    assert not DistributionList.objects.filter(address="board@example.org").exists()  # named, and nobody is
    add(browser, "distributionlist", **given, policy="members")
    made = DistributionList.objects.get(address="board@example.org")
    form = {"name": "Board", "members": "luis@example.org", "policy": "named", "senders": "ana@example.org"}
    change(browser, made, **form, **waits, enabled="on")
    made.refresh_from_db()
    assert (made.name, made.policy, made.senders.get().address) == ("Board", "named", "ana@example.org")
    remove(browser, made)
    assert not DistributionList.objects.filter(pk=made.pk).exists()


def test_administrators_come_change_and_go(visit, people):
    browser = visit("global")
    given = {"address": "new@elsewhere.example", "password": STRONG, "again": STRONG, "role": "domain", "enabled": "on"}
    assert "at least one domain" in said(browser.post("/admin/directory/administrator/add/", given))
    browser.post("/admin/directory/administrator/add/", {**given, "domains": [domain()]})
    made = Administrator.objects.get(address="new@elsewhere.example")
    change(browser, made, role="global", enabled="on", password="", again="")
    made.refresh_from_db()
    assert made.is_global
    remove(browser, made)
    assert not Administrator.objects.filter(pk=made.pk).exists()
    assert "last global administrator" in said(remove(browser, people["global"]))
    assert "last global administrator" in said(change(browser, people["global"], role="global", enabled=""))


def test_a_refused_word_is_said_in_the_readers_language(visit):
    spanish = visit("global", language="es-BO")
    answer = spanish.post("/admin/directory/mailbox/add/", {**NEW, "local_part": "ana", "domain": domain()})
    assert "Ya existe un buzón ana@example.org" in said(answer)


def test_nothing_failed_to_log_in_by_all_this(visit):
    assert not FailedLogin.objects.exists()


def test_a_token_is_shown_once_and_kept_nowhere(visit):
    browser = visit("domain")
    given = {"name": "CRM", "days": "30", "scopes": ["mailboxes:read", "aliases:write"]}
    page = said(browser.post("/admin/directory/apitoken/add/", given))
    (plain,) = re.findall(r"relevo_[0-9a-f]{64}", page)
    made = ApiToken.objects.get()
    assert (made.administrator.address, made.scopes) == ("helper@elsewhere.example", given["scopes"])
    assert tokens.recognise(plain) == made
    for kept in (ApiToken, AuditEntry, Session):
        assert plain not in json.dumps(list(kept.objects.values()), default=str)
    for path in ("/admin/directory/apitoken/", f"/admin/directory/apitoken/{made.pk}/change/"):
        assert plain not in said(browser.get(path, follow=True))
        assert "CRM" in said(browser.get(path, follow=True))
    assert "CRM is removed" in said(remove(browser, made))


@pytest.mark.parametrize(("given", "because"), [
    ({"scopes": []}, "at least one scope"), ({"scopes": ["administrators:read"]}, "administrators:read"),
    ({"scopes": ["everything"]}, "everything"), ({"days": "731"}, "1 to 730"), ({"days": "0"}, "1 to 730"),
    ({"name": ""}, "This field is required"),
])
def test_a_token_that_can_not_be_is_not_made(visit, given, because):
    answer = visit("domain").post(
        "/admin/directory/apitoken/add/", {"name": "CRM", "days": "30", "scopes": ["mailboxes:read"], **given}
    )
    assert said(answer).count(because) == 1
    assert not ApiToken.objects.exists()
