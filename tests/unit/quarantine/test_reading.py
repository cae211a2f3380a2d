"""What is in a message is shown as text that can do nothing, and reading it always ends."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.directory.quarantine.reading import read, without_tags
from tests.unit.quarantine.memory import STORED


def test_text_attachments_and_headers() -> None:
    told = read(STORED)
    assert told.text == "Compre ahora\n¡barato!"
    assert [(one.name, one.kind, one.size) for one in told.attachments] == [
        ("factura.exe", "application/octet-stream", 202)
    ]
    assert ("Subject", "Hola señor") in told.headers
    assert not told.cut


def test_a_page_becomes_text_and_says_where_links_lead() -> None:
    page = (
        '<html><head><title>no</title><style>p {}</style></head><body><p>Dear&nbsp;Ana,</p>'
        '<script>alert("x")</script><a href="https://evil.example/x">your bank</a><br>&lt;b&gt;'
        '<img src="https://spy.example/1.gif"></body></html>'
    )
    assert without_tags(page) == "Dear Ana,\nyour bank <https://evil.example/x>\n<b>"


def test_html_alone_is_shown_and_another_message_is_one_attachment() -> None:
    mail = EmailMessage()
    mail.set_content("<p>only</p>", subtype="html")
    inner = EmailMessage()
    inner.set_content("secret of another")
    mail.add_attachment(inner)
    told = read(mail.as_bytes())
    assert told.text == "only"
    assert [one.kind for one in told.attachments] == ["message/rfc822"]


@pytest.mark.parametrize(
    ("charset", "shown"), [("utf-8", "ñ"), ("x-unknown", "Ã±"), ("rot13", "Ã±"), ("idna", "ñ")]
)
def test_an_encoding_that_nobody_knows(charset: str, shown: str) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\n\n".encode() + "ñ".encode()
    assert read(raw).text in {shown, "Ã±", "ñ", "\N{REPLACEMENT CHARACTER}" * 2}


def test_parts_within_parts_without_end() -> None:
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number) for number in range(3000)
    )
    assert read(raw).text == ""


def test_what_turns_the_direction_of_writing_is_left_out() -> None:
    raw = "Subject: a\u202eb\nContent-Type: text/plain; charset=utf-8\n\nx\u202ey\x1b[2J\x00z\n\n\n\nend".encode()
    told = read(raw)
    assert told.text == "xy[2Jz\n\nend"
    assert told.headers[0] == ("Subject", "ab")


def test_a_long_text_is_cut() -> None:
    told = read(b"Content-Type: text/plain\n\n" + b"word " * 10_000)
    assert told.cut
    assert len(told.text) <= 20_000


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_read(noise: bytes) -> None:
    for raw in (noise, STORED.replace(b"Compre", noise), b"Content-Type: multipart/mixed; boundary=" + noise):
        told = read(raw)
        assert all(line.isprintable() for line in told.text.split("\n"))


@given(st.text(max_size=2000))
def test_any_page_becomes_text(page: str) -> None:
    assert "<script" not in without_tags(f"<script>{page}</script>").lower() or "</script" in page.lower()
