"""Posts that wait on the pages: of administrators, of owners, and by links out of mails."""

from __future__ import annotations

import html
import re

import pytest

from relevo.directory import lists, mailboxes
from relevo.directory.held import links, telling
from relevo.directory.models import AuditEntry, DistributionList, Mailbox
from relevo.directory.moderation_models import PostLink
from relevo.errors import QuarantineError
from tests.unit.held.memory import MemoryBox, stored
from tests.unit.web.conftest import STRONG, counted

LIST, MINE, LINK = "/admin/held/", "/account/held/", "/account/held/decide/"
ANA = "ana@example.org"


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def number(domain: str) -> str:
    first = "First1" if domain == "example.org" else "Second2"
    return f"{first}-{DistributionList.objects.get(address=f'all@{domain}').pk}"


@pytest.fixture
def owned(people):
    lists.change("all@example.org", moderated="others", owners=[ANA])


@pytest.fixture
def ana(visit, owned):
    browser = visit()
    browser.post("/account/login/", {"address": ANA, "password": STRONG})
    return browser


def test_an_administrator_sees_the_posts_to_lists_of_their_domains(visit):
    assert all(f"To {domain}" in text(visit("global").get(LIST)) for domain in ("example.org", "second.example"))
    page = text(visit("domain").get(LIST))
    assert "To second.example" in page
    assert "To example.org" not in page
    answer = visit("domain").get(f"{LIST}{number('example.org')}/", follow=True)
    assert "To example.org" not in text(answer)
    assert "no post" in text(answer).lower()


def test_another_domains_posts_are_not_decided_about(visit, waiting: MemoryBox):
    for do in ("approved", "refused", "deleted"):
        given = {"do": do, "id": [number("example.org")], "sure": "1"}
        visit("domain").post(LIST, given)
    assert (waiting.sent, len(waiting.mails)) == ([], 2)


def test_let_through_from_the_list(visit, waiting: MemoryBox):
    answer = visit("domain").post(LIST, {"do": "approved", "id": [number("second.example")]}, follow=True)
    assert "1 post is on its way to the members." in text(answer)
    assert waiting.sent[0][1] == ("all@second.example",)
    entry = AuditEntry.objects.get(action="post.approve")
    assert (entry.actor, entry.domain) == ("helper@elsewhere.example", "second.example")


def test_refused_with_a_reason_from_its_page(visit, waiting: MemoryBox):
    page = text(visit("global").get(f"{LIST}{number('example.org')}/"))
    assert "hello" in page
    (form,) = [part for part in page.split("<form")[1:] if 'name="reason"' in part]
    assert re.findall(r'value="(approved|refused|deleted)"', form) == ["refused"]  # what Enter in the field does
    given = {"do": "refused", "id": [number("example.org")], "reason": "Not here"}
    visit("global").post(LIST, given)
    assert waiting.sent[0][1] == ("bad@outside.example",)
    assert b"They say: Not here" in waiting.sent[0][2]


def test_deleting_asks_first(visit, waiting: MemoryBox):
    given = {"do": "deleted", "id": [number("example.org")]}
    assert "Delete for good" in text(visit("global").post(LIST, given))
    assert len(waiting.mails) == 2
    visit("global").post(LIST, {**given, "sure": "1"})
    assert len(waiting.mails) == 1


def test_a_mailbox_that_can_t_be_read_is_said(visit, ana, waiting: MemoryBox):
    waiting.away = True
    for answer in (visit("global").get(LIST), ana.get(MINE)):
        assert "can't be read now" in text(answer)


def test_the_forms_of_a_list_set_owners_and_what_waits(visit):
    entry = DistributionList.objects.get(address="all@second.example")
    path = f"/admin/directory/distributionlist/{entry.pk}/change/"
    given = {"name": "", "members": "ana@second.example", "policy": "domain", "senders": "", "enabled": "on"}
    refused = visit("domain").post(path, {**given, "moderated": "all", "owners": ""})
    assert "needs an owner" in text(refused)
    answer = visit("domain").post(path, {**given, "moderated": "all", "owners": "luis@second.example"})
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert (entry.moderation, entry.owners.get().mailbox.address) == ("all", "luis@second.example")
    assert "luis@second.example" in text(visit("domain").get(path))


def test_an_owner_sees_and_decides_about_the_posts_to_the_own_lists(ana, waiting: MemoryBox):
    assert "to lists that you look after: all@example.org" in text(ana.get("/account/"))
    page = text(ana.get(MINE))
    assert "To example.org" in page
    assert "To second.example" not in page
    other = ana.get(f"{MINE}{number('second.example')}/", follow=True)
    assert "To second.example" not in text(other)
    assert "hello" in text(ana.get(f"{MINE}{number('example.org')}/"))
    answer = ana.post(f"{MINE}{number('example.org')}/", {"do": "approved"}, follow=True)
    assert "on its way" in text(answer)
    assert [to for _sender, to, _raw in waiting.sent] == [("all+relevo-members@example.org",)]
    ana.post(f"{MINE}{number('second.example')}/", {"do": "approved"})
    assert len(waiting.sent) == 1


def test_what_an_owner_could_not_do_looks_like_no_success(ana, waiting: MemoryBox):
    waiting.refuses = QuarantineError("Postfix does not take it now")
    page = text(ana.post(f"{MINE}{number('example.org')}/", {"do": "approved"}, follow=True))
    assert '<p class="refused" role="alert">Postfix does not take it now' in page
    assert 'class="done"' not in page


def test_who_owns_no_list_sees_nothing(visit):
    browser = visit()
    browser.post("/account/login/", {"address": "luis@example.org", "password": STRONG})
    assert "Posts that wait" not in text(browser.get("/account/"))
    page = text(browser.get(MINE))
    assert "You look after no list." in page
    assert "To example.org" not in page


def test_a_link_opens_without_a_login_and_works_once(visit, owned, waiting: MemoryBox):
    telling.tell()
    waiting.sent.clear()
    secret = links.make(Mailbox.objects.get(address=ANA), [waiting.posts()[-1]])[number("example.org")]
    page = visit().get(LINK, {"t": secret})
    assert "hello" in text(page)
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert visit().head(LINK, {"t": secret}).status_code == 200
    assert waiting.sent == []  # what examines mail opens links
    assert "on its way" in text(visit().post(LINK, {"t": secret, "do": "approved"}))
    again = visit().post(LINK, {"t": secret, "do": "approved"})
    assert (again.status_code, "has been used" in text(again)) == (404, True)
    assert len(waiting.sent) == 1


def test_a_link_that_can_t_do_it_now_says_so_and_stays_good(visit, owned, waiting: MemoryBox):
    secret = links.make(Mailbox.objects.get(address=ANA), [waiting.posts()[-1]])[number("example.org")]
    waiting.refuses = QuarantineError("Postfix does not take it now")
    assert visit().post(LINK, {"t": secret, "do": "approved"}).status_code == 503
    assert not PostLink.objects.exclude(used_at=None).exists()
    for do in ("", "nonsense"):
        assert visit().post(LINK, {"t": secret, "do": do}).status_code == 409
    assert visit().get(LINK, {"t": "wrong"}).status_code == 404


def test_in_spanish(visit, ana):
    page = text(visit("global", "es").get(LIST))
    assert "Posts that wait" not in page
    assert 'lang="es"' in page


def test_questions_to_the_database_do_not_grow_with_the_rows(visit, ana, waiting: MemoryBox):
    browser = visit("global")
    counts = []
    for rows in (0, 20):
        key = DistributionList.objects.get(address="all@example.org").pk
        for place in range(rows):
            waiting.add(stored(f"4jcbQ71MCGz2{place:02}", key))
        with counted() as queries:
            browser.get(LIST)
            ana.get(MINE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_mailbox_is_made_a_shared_one_and_back(visit, people):
    mailboxes.add("office@second.example", STRONG)
    box = Mailbox.objects.get(address="office@second.example")
    path = f"/admin/directory/mailbox/{box.pk}/share/"
    assert "Its mail and its address stay as they are." in text(visit("domain").get(path))
    visit("domain").post(path)
    assert "office@second.example" in text(visit("domain").get("/admin/directory/sharedmailbox/"))
    assert visit("domain").post(path).status_code in {302, 403}
    back = f"/admin/directory/sharedmailbox/{box.pk}/unshare/"
    visit("domain").post(back)
    assert "office@second.example" in text(visit("domain").get("/admin/directory/mailbox/"))


def test_another_domains_mailbox_is_not_made_a_shared_one(visit, people):
    mailboxes.add("office@example.org", STRONG)
    box = Mailbox.objects.get(address="office@example.org")
    visit("domain").post(f"/admin/directory/mailbox/{box.pk}/share/")
    assert not hasattr(Mailbox.objects.get(pk=box.pk), "shared_mark")
