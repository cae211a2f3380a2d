"""A real post, as Postfix, Amavis and Dovecot left it, and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from relevo.directory.held.posts import Post, as_it_came, as_it_goes_on, post
from tests.unit.held.memory import STORED, stored

AT = datetime(2026, 11, 29, 5, 31, 4, tzinfo=UTC)


def of(mail: bytes) -> Post | None:
    return post(7, AT, len(mail), mail.partition(b"\n\n")[0])


def test_list_sender_and_number_come_from_our_own_lines() -> None:
    found = of(STORED)
    assert found
    assert (found.id, found.list_key, found.sender) == ("4jcbQ71MCGz2GD30-1", 1, "bad@outside.example")
    assert (found.subject, found.inside, found.vouched) == ("Hola señor", False, True)


@pytest.mark.parametrize(
    "forged",
    [
        b"Delivered-To: relevo-held+99@example.org\n", b"Return-Path: <boss@example.org>\n",
        b"X-Spam-Status: No, tests=[SPF_PASS=-0.001]\n",
        b"Received: from x (x) by y (Postfix) with ESMTP id 1111111111111 for <z@y>\n",
        b"Received: from x by y (amavis, port 10026) with ESMTP id x\n",
    ],
)
def test_what_a_sender_writes_like_it_counts_for_nothing(forged: bytes) -> None:
    mail = stored("4jcbQ71MCGz2GD30", 2, vouched=False)
    plain, found = of(mail), of(mail.replace(b"From: bad", forged + b"From: bad"))
    assert plain
    assert found == replace(plain, size=len(mail) + len(forged))


@pytest.mark.parametrize(
    "line", [b"Delivered-To: ", b"(amavis, port 10024)", b"(Postfix) with ESMTP id 4jcbQ71MCGz2GD30"]
)
def test_what_came_another_way_is_no_post(line: bytes) -> None:
    assert of(STORED.replace(line, b"X: ")) is None


def test_the_members_get_what_the_author_wrote_and_signed() -> None:
    ours = b"DKIM-Signature: v=1; a=rsa-sha256;\n\tb=abc\nAuthentication-Results: x; dkim=pass\n"
    signed = STORED.replace(b"X-Spam-Flag", ours + b"X-Spam-Flag", 1)
    sent = as_it_goes_on(signed, "4jcbQ71MCGz2GD30-2", AT)
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"X-Relevo-Released: Sun, 29 Nov 2026 05:31:04 +0000 (4jcbQ71MCGz2GD30-2)\r\n")
    assert b"\r\nDKIM-Signature: v=1; a=rsa-sha256;\r\n\tb=abc\r\n" in head
    for gone in (b"Return-Path", b"Delivered-To", b"X-Spam-"):
        assert gone not in head
    assert body == signed.partition(b"\n\n")[2].replace(b"\n", b"\r\n")
    assert sent.endswith(as_it_came(signed).replace(b"\n", b"\r\n"))
    assert b"\n" not in sent.replace(b"\r\n", b"")


def test_a_spam_header_of_the_authors_own_stays_since_it_may_be_signed() -> None:
    own = STORED.replace(b"From: bad", b"X-Spam-Level: mine\nFrom: bad")
    assert b"X-Spam-Level: mine" in as_it_goes_on(own, "x-1", AT)
