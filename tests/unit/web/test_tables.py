"""Import and export on the web: a look first, then the second button; and only what is one's own."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from relevo.directory.bulk import carrying
from relevo.directory.bulk_models import WaitingImport
from relevo.directory.models import AuditEntry, Mailbox
from relevo.web import tables
from tests.unit.web.conftest import STRONG

IMPORT = "/admin/directory/mailbox/import/"
KINDS = ("mailbox", "alias", "distributionlist")


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def upload(browser, table: str | bytes, path: str = IMPORT):
    data = table if isinstance(table, bytes) else table.encode()
    return browser.post(path, {"table": SimpleUploadedFile("x.csv", data)}, follow=True)


def test_a_look_first_and_then_the_second_button(visit):
    browser = visit("global")
    table = f"\ufeffaddress;name;password\r\nn@example.org;<b>Néw</b>;{STRONG}\r\nana@example.org;Ana María;\r\n"
    page = upload(browser, table)
    assert "&lt;b&gt;N" in page.content.decode()
    assert STRONG not in text(page)
    assert "Carry it out" in text(page)
    assert not Mailbox.objects.filter(address="n@example.org").exists()
    assert STRONG not in WaitingImport.objects.get().sealed
    done = text(browser.post(IMPORT, {"carry": "1"}))
    assert "All of it is done" in done
    assert Mailbox.objects.get(address="n@example.org").name == "<b>Néw</b>"
    assert Mailbox.objects.get(address="ana@example.org").name == "Ana María"
    entry = AuditEntry.objects.get(action="mailbox.add", subject="n@example.org")
    assert (entry.actor, entry.source) == ("root@elsewhere.example", "192.0.2.7")
    assert not WaitingImport.objects.exists()


def test_all_mistakes_are_shown_and_nothing_can_be_done(visit):
    browser = visit("global")
    page = text(upload(browser, "address,quota_mb,password\nñ@example.org,x,short\nn@nowhere.example,,\n"))
    for line, column in ((2, "address"), (2, "quota_mb"), (3, "address")):
        assert f'<td>{line}</td><td><span class="whitespace-nowrap">{column}</span></td>' in page
    assert "Carry it out" not in page
    assert "Carry it out" not in text(browser.post(IMPORT, {"carry": "1"}))
    assert not Mailbox.objects.filter(address="n@nowhere.example").exists()


@pytest.mark.parametrize(("table", "because"), [
    (b"address\nMar\xeda", "Line 2 is not UTF-8"), (b"x" * ((5 << 20) + 1), "at most 5 MiB"), (b"", "empty"),
])
def test_what_is_no_table_is_one_message(visit, table, because):
    assert because in text(upload(visit("global"), table))
    assert "Choose a file" in text(visit("global").post(IMPORT, {}))


def test_a_domains_administrator_brings_only_what_is_theirs(visit):
    browser = visit("domain")
    page = text(upload(browser, f"address,name,password\nana@example.org,Mine,\nn@example.org,,{STRONG}\n"))
    assert page.count("there is no domain example.org that you may work in") == 2
    browser.post(IMPORT, {"carry": "1"})
    assert Mailbox.objects.get(address="ana@example.org").name == "Ana"
    upload(browser, f"address,name,password\nn@second.example,,{STRONG}\n")
    browser.post(IMPORT, {"carry": "1"})
    assert Mailbox.objects.filter(address="n@second.example").exists()


def test_nobody_carries_out_what_another_has_uploaded(visit):
    upload(visit("global"), f"address,password\nn@example.org,{STRONG}\n")
    answer = visit("domain").post(IMPORT, {"carry": "1"})
    assert answer.headers["Location"] == IMPORT
    assert "n@example.org" not in text(visit("domain").get(f"{IMPORT}?look=1"))
    assert not Mailbox.objects.filter(address="n@example.org").exists()


def test_another_file_can_be_taken(visit):
    browser = visit("global")
    upload(browser, f"address,password\nn@example.org,{STRONG}\n")
    browser.post(IMPORT, {"cancel": "1"})
    assert not WaitingImport.objects.exists()


def test_a_long_table_is_done_by_several_requests(visit, monkeypatch):
    monkeypatch.setattr(carrying, "BATCH", 2)
    monkeypatch.setattr(tables, "_SECONDS", 0)
    browser = visit("global")
    upload(browser, "address,password\n" + "".join(f"p{number}@example.org,{STRONG}\n" for number in range(5)))
    given, rounds = {"carry": "1"}, 0
    while "data-going-on" in (page := text(browser.post(IMPORT, given))):
        given = dict(re.findall(r'type="hidden" name="(\w+)" value="(\d+)"', page))
        rounds += 1
    assert rounds == 2
    assert re.search(r"added</dt>\s*<dd[^>]*>5<", page)
    assert Mailbox.objects.filter(address__regex=r"^p\d@").count() == 5


def test_rows_that_are_refused_after_all_are_told(visit):
    browser = visit("global")
    upload(browser, f"address,forward,password\nana@example.org,info@example.org,\nn@example.org,,{STRONG}\n")
    page = text(browser.post(IMPORT, {"carry": "1"}))
    assert "mail would run in a circle" in page
    assert "data-going-on" not in page
    assert Mailbox.objects.filter(address="n@example.org").exists()
    assert not Mailbox.objects.get(address="ana@example.org").forwards.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_only_ones_own_is_exported(visit, kind):
    table = visit("domain").get(f"/admin/directory/{kind}/export/")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in table.headers["Content-Disposition"]
    assert table.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows
    assert all(row["address"].endswith("@second.example") for row in rows)
    assert "$argon2" not in table.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_in_spanish_is_read_again(visit, kind):
    browser = visit("global", language="es")
    table = browser.get(f"/admin/directory/{kind}/export/").content
    assert b"address;" in table
    page = text(upload(browser, table, f"/admin/directory/{kind}/import/"))
    assert "Todo está como dice la tabla" in page


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_inline_and_lists_offer_both(visit, kind):
    browser = visit("global")
    pages = [browser.get(f"/admin/directory/{kind}/import/"), browser.get(f"/admin/directory/{kind}/")]
    pages.append(upload(browser, "address\nx\n", f"/admin/directory/{kind}/import/"))
    for answer in pages:
        page = answer.content.decode()
        assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert not re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page)
    assert f"/admin/directory/{kind}/import" in text(pages[1])
    assert f"/admin/directory/{kind}/export" in text(pages[1])
