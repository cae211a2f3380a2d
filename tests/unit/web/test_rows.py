"""The rows of lists: what strangers have written is text; a row leads to its page, and back to the list as it was."""

from __future__ import annotations

import re
from html import unescape

from relevo.directory import domains, mailboxes
from tests.unit.web.conftest import STRONG

MAILBOXES = "/admin/directory/mailbox/"


def page(browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_names_are_text(visit) -> None:
    mailboxes.change("ana@example.org", name='<b>Ana</b> & "Eva"')
    text = page(visit("global"), MAILBOXES)
    name = "&lt;b&gt;Ana&lt;/b&gt; &amp; &quot;Eva&quot;"
    assert f'<td class="field-person relevo-field" data-label="Name">{name}</td>' in text


def test_a_row_leads_to_its_page_and_back_to_the_list_as_it_was(visit) -> None:
    browser = visit("global")
    text = page(browser, f"{MAILBOXES}?q=luis&domain=second.example")
    (link,) = re.findall(r'<a href="([^"]+)" class="relevo-entry">luis@second.example</a>', text)
    form = page(browser, unescape(link))
    assert "luis@second.example" in form
    assert f'href="{MAILBOXES}?q=luis&amp;domain=second.example"' in form


def test_what_is_on_and_off_has_a_sign_and_a_word(visit) -> None:
    mailboxes.change("luis@example.org", enabled=False)
    rows = page(visit("global"), MAILBOXES).split('<tr class="relevo-row">')[1:]
    address, sign = re.compile(r'class="relevo-entry">([^<]+)<'), re.compile(r'title="(\w+)"')
    signs = {address.findall(row)[0]: sign.findall(row)[-1] for row in rows}
    assert (signs["ana@example.org"], signs["luis@example.org"]) == ("True", "False")


def test_one_domain_is_chosen_and_all_else_stays(visit) -> None:
    domains.add("third.example")
    text = page(visit("global"), f"{MAILBOXES}?q=a&state=on&domain=second.example&p=1")
    (form,) = re.findall(r'<form method="get">(?:(?!</form>).)*name="domain".*?</form>', text, re.DOTALL)
    assert re.findall(r"<option[^>]*>([^<]*)</option>", form) == [
        "All", "example.org", "second.example", "third.example",
    ]
    assert "<option selected>second.example</option>" in form
    assert dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form)) == {"q": "a", "state": "on"}


def test_administrators_of_a_domain_choose_among_theirs(visit) -> None:
    domains.add("third.example")
    text = page(visit("domain"), MAILBOXES)
    assert "third.example" not in text
    assert "<option>second.example</option>" in text


def test_a_mailbox_of_a_domain_of_the_choice_is_shown_alone(visit) -> None:
    mailboxes.add("eva@second.example", STRONG)
    text = page(visit("global"), f"{MAILBOXES}?domain=second.example")
    assert "eva@second.example</a>" in text
    assert "ana@example.org</a>" not in text
