"""Every page of the site as nobody, as a domain's administrator and as a global one."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from relevo.directory import sender_rules
from relevo.directory.api_models import ApiToken
from relevo.directory.models import Alias, AuditEntry, DistributionList, Domain, Mailbox
from relevo.directory.quarantine_models import SenderRule
from relevo.directory.shared_models import SharedMailbox
from relevo.services.web.settings import AUTOCONFIG, AUTODISCOVER

pytestmark = pytest.mark.usefixtures("senders")
KINDS = {"domain": Domain, "mailbox": Mailbox, "alias": Alias, "distributionlist": DistributionList,
         "sharedmailbox": SharedMailbox}
ACTIONS = ("/restore/", "/app-passwords/", "/factor/")  # of what is not so
ELSEWHERE = ("/api/", "/account/")  # test_api_walk.py and test_account.py go there
OPEN = {
    "/admin/login/", "/admin/language/", "/health", "/admin/jsi18n/", "/admin/logout/",
    AUTOCONFIG, AUTODISCOVER,  # a program that has no login yet asks these
}
REDIRECTING = {
    "/admin/password_change/done/", "/admin/directory/",
    # of a second factor that is not there yet: test_factors.py walks with one
    "/admin/login/second/", "/admin/login/set-up/", "/admin/factors/codes/", "/admin/factors/app/remove/",
}


def patterns(resolver: URLResolver, prefix: str = "/") -> list[tuple[str, str]]:
    found = []
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append((route, entry.name or ""))
        else:
            found += patterns(entry, route)
    return found


ROUTES = patterns(get_resolver())


def paths(domain: str, *, own: bool) -> list[str]:
    """Return every address of the site, with the rows of a domain, or of all others, in place of the numbers."""
    rows = {
        "domain": Domain.objects.filter(name=domain),
        "mailbox": Mailbox.objects.filter(domain__name=domain, shared_mark=None),
        "alias": Alias.objects.filter(domain__name=domain),
        "distributionlist": DistributionList.objects.filter(domain__name=domain),
        "sharedmailbox": SharedMailbox.objects.filter(domain__name=domain, shared_mark__isnull=False),
        "auditentry": AuditEntry.objects.filter(domain=domain),
        "senderrule": sender_rules.concerning(SenderRule.objects.all(), domain),
    }
    more = {"auditentry": AuditEntry, "senderrule": SenderRule}
    everything = {kind: model.objects.all() for kind, model in {**KINDS, **more}.items()}
    everything["sharedmailbox"] = SharedMailbox.objects.filter(shared_mark__isnull=False)
    everything["mailbox"] = Mailbox.objects.filter(shared_mark=None)
    found = []
    for route, _name in ROUTES:
        if "<path:object_id>" not in route:
            continue
        kind = route.split("/")[3]
        if kind in {"administrator", "apitoken"}:
            continue
        chosen = rows[kind] if own else everything[kind].exclude(pk__in=rows[kind].values("pk"))
        found += [route.replace("<path:object_id>", str(row.pk)) for row in chosen[:2]]
    return found


PLAIN = [
    route for route, _name in ROUTES
    if "<" not in route and "^" not in route and "(?" not in route and not route.startswith(ELSEWHERE)
]


def test_there_are_pages_to_walk():
    assert len(PLAIN) > 15
    assert "/admin/directory/mailbox/add/" in PLAIN


@pytest.mark.parametrize("path", PLAIN)
def test_nobody_sees_anything_but_the_login(visit, path):
    answer = visit().get(path)
    if path in OPEN:
        assert answer.status_code in {200, 302, 405}
    else:
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/admin/login/")


def test_nobody_sees_an_entry(visit):
    administrator = "/admin/directory/administrator/1/change/"
    for path in [*paths("example.org", own=True), *paths("example.org", own=False), administrator]:
        for answer in (visit().get(path), visit().post(path)):
            assert answer.headers["Location"].startswith("/admin/login/"), path


@pytest.mark.parametrize("path", [path for path in PLAIN if path not in OPEN | REDIRECTING])
def test_a_global_administrator_sees_every_page(visit, path):
    expected = 403 if path == "/admin/directory/auditentry/add/" else 200
    assert visit("global").get(path).status_code == expected


def test_a_global_administrator_sees_every_entry(visit, people):
    browser = visit("global")
    ids = {str(box.pk) for box in Mailbox.objects.filter(hidden=True)}
    for path in [*paths("example.org", own=True), *paths("example.org", own=False)]:
        hidden = "/mailbox/" in path and path.split("/")[4] in ids
        restoring, gone = path.endswith(ACTIONS), "/auditentry/" in path and path.endswith("/delete/")
        bare = path.endswith("/") and path.split("/")[-2].isdigit()
        expected = {302} if hidden and not restoring else {403} if restoring or gone else {302} if bare else {200, 302}
        assert browser.get(path).status_code in expected, path
    assert browser.get(f"/admin/directory/administrator/{people['domain'].pk}/change/").status_code == 200


@pytest.mark.parametrize("path", [path for path in PLAIN if path not in OPEN | REDIRECTING])
def test_a_domains_administrator_sees_no_administrators_and_adds_no_domains(visit, path):
    refused = "/administrator/" in path or path in {
        "/admin/directory/domain/add/", "/admin/directory/auditentry/add/",
    }
    assert visit("domain").get(path).status_code == (403 if refused else 200)


def test_a_domains_administrator_sees_the_entries_of_the_domain(visit):
    for path in paths("second.example", own=True):
        answer = visit("domain").get(path)
        lasting = "/domain/" in path or "auditentry" in path
        refused = path.endswith(ACTIONS) or (path.endswith("/delete/") and lasting)
        assert answer.status_code in ({403} if refused else {200, 302}), path
        if answer.status_code == 302:
            assert answer.headers["Location"] != "/admin/", path  # Django's way to say that there is no such entry


def test_a_domains_administrator_sees_and_changes_no_others(visit, people):
    browser = visit("domain")
    others = [*paths("second.example", own=False), f"/admin/directory/administrator/{people['global'].pk}/change/"]
    before = list(Mailbox.objects.order_by("pk").values()), list(Alias.objects.order_by("pk").values())
    for path in others:
        given = {"enabled": "", "to": "x@y.example"}
        for answer in (browser.get(path, follow=True), browser.post(path, given, follow=True)):
            assert b"@example.org" not in answer.content, path
            assert answer.status_code in {200, 403}, path
    assert before == (list(Mailbox.objects.order_by("pk").values()), list(Alias.objects.order_by("pk").values()))


@pytest.mark.parametrize("kind", [
    "mailbox", "sharedmailbox", "alias", "distributionlist", "auditentry", "domain", "senderrule",
])
def test_lists_and_choices_hold_only_ones_own(visit, kind):
    page = visit("domain").get(f"/admin/directory/{kind}/").content.decode()
    assert "second.example" in page
    assert "example.org" not in page.replace("mail.example.org", "").replace("postmaster@example.org", "")
    if kind not in {"auditentry", "domain", "senderrule"}:
        form = visit("domain").get(f"/admin/directory/{kind}/add/").content.decode()
        assert ">second.example</option>" in form
        assert ">example.org</option>" not in form


@pytest.mark.parametrize("kind", ["mailbox", "sharedmailbox", "alias", "distributionlist"])
def test_a_domain_that_was_not_offered_is_refused(visit, kind):
    given = {
        "local_part": "new", "domain": Domain.objects.get(name="example.org").pk, "password": "unrelated-words-9",
        "again": "unrelated-words-9", "to": "x@elsewhere.example", "policy": "domain",
        "moderated": "off",
    }
    answer = visit("domain").post(f"/admin/directory/{kind}/add/", given)
    assert answer.status_code == 200
    assert not KINDS[kind].objects.filter(address="new@example.org").exists()


def test_a_domains_administrator_cannot_lift_the_domains_limits(visit):
    domain = Domain.objects.get(name="second.example")
    given = {"catch_all": "", "default_quota_mb": "100", "mailbox_limit": "9999", "enabled": "", "alias_of": ""}
    visit("domain").post(f"/admin/directory/domain/{domain.pk}/change/", given)
    domain.refresh_from_db()
    assert (domain.default_quota_mb, domain.mailbox_limit, domain.enabled) == (100, 0, True)


def test_of_tokens_a_domains_administrator_sees_and_removes_only_ones_own(visit, people, secret_of):
    secret_of("global"), secret_of("domain")
    own, other = (ApiToken.objects.get(administrator=people[role]).pk for role in ("domain", "global"))
    browser = visit("domain")
    page = browser.get("/admin/directory/apitoken/").content.decode()
    assert "helper@elsewhere.example" in page
    assert "root@elsewhere.example" not in page
    for verb in ("change", "delete", "history"):
        answer = browser.post(f"/admin/directory/apitoken/{other}/{verb}/", {"scopes": ["audit:read"]}, follow=True)
        assert b"root@elsewhere.example" not in answer.content
    assert ApiToken.objects.count() == 2
    assert browser.post(f"/admin/directory/apitoken/{own}/change/", {"name": "x"}).status_code == 403
    browser.post(f"/admin/directory/apitoken/{own}/delete/")
    assert list(ApiToken.objects.values_list("pk", flat=True)) == [other]
    visit("global").post(f"/admin/directory/apitoken/{other}/delete/")
    assert not ApiToken.objects.exists()


def test_who_is_switched_off_is_out_at_once(visit, people):
    browser = visit("domain")
    assert browser.get("/admin/").status_code == 200
    from relevo.directory import administrators  # noqa: PLC0415 - after the fixtures have started Django

    administrators.change(people["domain"].address, enabled=False)
    assert browser.get("/admin/").status_code == 302
