"""What a list looks like; strangers' words in it do nothing."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime

import pytest

from relevo.directory.letters import Place, harmless
from relevo.directory.quarantine.copies import Copy, Recipient
from relevo.directory.quarantine.digest.letter import letter

AT = datetime(2026, 11, 29, 7, 0, tzinfo=UTC)
PLACE = Place("mail.example.org", "example.org", "2026-11-29")


def made(**more: str) -> Copy:
    told = {"author": "Shop <shop@shop.example>", "subject": "Win", "kind": "spam", "said": "A=1", **more}
    return Copy(
        id="Spam-One_001", uid=1, at=AT, size=100, sender="shop@shop.example", author_address="shop@shop.example",
        score=17.2, recipients=(Recipient("ana@example.org"),), **told,  # type: ignore[arg-type]
    )


def parts(copy: Copy, language: str = "en") -> tuple[str, str]:
    raw = letter(PLACE, "ana@example.org", language, AT, [(copy, "SECRET")], more=2)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def test_its_headers_are_those_of_a_machine_s_mail() -> None:
    raw = letter(PLACE, "ana@example.org", "en", AT, [(made(), "SECRET")])
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert {name: str(message[name]) for name in ("From", "To", "Subject", "Auto-Submitted", "Message-ID", "Date")} == {
        "From": "Refused mail <postmaster@example.org>", "To": "ana@example.org", "Auto-Submitted": "auto-generated",
        "Subject": "1 message was refused for ana@example.org", "Date": "Sun, 29 Nov 2026 07:00:00 +0000",
        "Message-ID": "<digest-2026-11-29-ana-at-example.org@mail.example.org>",
    }
    assert message.get_content_type() == "multipart/alternative"
    assert raw.isascii()
    assert not message.defects
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_only_links_are_ours(language: str) -> None:
    evil = (
        "See http://evil.example/x?y=1 or www.evil.example, mail a@evil.example, "
        "a\N{FULLWIDTH COMMERCIAL AT}evil。example"
    )
    for body in parts(made(subject=evil, author=f"<b>{evil}</b>", said=evil), language):
        found = re.findall(r"https?://[^\s\"<]+", body)
        assert found
        assert {one.split("/")[2] for one in found} == {"mail.example.org"}
        assert not re.search("\\wevil\\.|evil\\.\\w|\\w@evil|\N{FULLWIDTH COMMERCIAL AT}evil|evil。e", body)
    text, html = parts(made(subject=evil), language)
    assert html.count("<a ") == 3
    assert "/account/release/?t=SECRET" in text
    assert "/account/release/?t=SECRET" in html


def test_markup_is_text() -> None:
    _text, html = parts(made(subject="<img src=x onerror=alert(1)>", author='"><script>x</script>'))
    assert "<img" not in html
    assert "<script" not in html


def test_what_is_long_is_cut() -> None:
    assert len(harmless("x" * 500)) == 80
    assert harmless("a.b") == "a.\N{ZERO WIDTH SPACE}b"


def test_nothing_of_a_stranger_gets_into_the_headers() -> None:
    raw = letter(PLACE, "ana@example.org", "en", AT, [(made(subject="x\r\nBcc: y@z.example", author="\r\n\r\nz"), "S")])
    assert b"Bcc" not in raw.partition(b"\r\n\r\n")[0]


def test_in_spanish() -> None:
    text, html = parts(made(kind="forged"), "es")
    assert "remitente" in text
    assert 'lang="es"' in html
