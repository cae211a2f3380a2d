"""What is told of a copy comes from the filter alone, whatever the sender has written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.directory.quarantine.copies import ID, KINDS, Copy, copy
from relevo.directory.quarantine.original import RELEASED_HEADER, original
from relevo.directory.quarantine.sight import Sight
from relevo.errors import QuarantineError
from tests.unit.quarantine.memory import NOW, STORED, stored

HEAD = STORED.partition(b"\n\n")[0]


def of(headers: bytes) -> Copy | None:
    return copy(7, NOW, 2962, headers)


def test_a_copy_as_amavis_postfix_and_dovecot_left_it() -> None:
    found = of(HEAD)
    assert found
    assert (found.id, found.sender, found.kind, found.score) == (
        "QrtSkcvEyCbE", "bad@outside.example", "attachment", -20.0
    )
    assert (found.author, found.author_address) == ("Spammer <bad@outside.example>", "bad@outside.example")
    assert found.subject == "Hola señor"
    assert found.said == "application/octet-stream,.exe,.exe-ms,factura.exe"
    assert [one.address for one in found.recipients] == [
        "ana@chocolatesparati.com.bo", "luis@chocolatesparati.com.bo"
    ]


def test_what_the_sender_writes_below_the_border_is_never_the_filter_s() -> None:
    assert b"X-Relevo-Refused: spam 1 forged" in HEAD.split(b"(amavis, port 10024)")[1]
    forged = HEAD + b"\nX-Relevo-Refused-For: <root@example.org>\nX-Quarantine-ID: <Forged000001>"
    assert of(forged) == of(HEAD)


@pytest.mark.parametrize(
    "change",
    [
        (b"(amavis, port 10024)", b"(amavis, port 10026)"),  # came from one of our own users
        (b"(amavis, port 10024)", b"(exim)"),
        (b"X-Quarantine-ID: <QrtSkcvEyCbE>\n", b""),
        (b"X-Quarantine-ID: <QrtSkcvEyCbE>", b"X-Quarantine-ID: <../../etc>"),
        (b"X-Relevo-Refused-For", b"X-Other"),
        (b"X-Relevo-Refused: attachment -20.0", b"X-Relevo-Refused: something"),
    ],
)
def test_what_came_another_way_is_no_copy(change: tuple[bytes, bytes]) -> None:
    assert of(HEAD.replace(*change, 1)) is None


def test_somebody_sees_their_own_recipients_and_how_many_others() -> None:
    found = of(stored("Number000001", "ana+x@example.org", "luis@example.org", "eva@second.example"))
    assert found
    seen = found.seen_by(Sight(domains=frozenset({"example.org"})))
    assert seen
    assert ([one.address for one in seen.recipients], seen.elsewhere) == (["ana+x@example.org", "luis@example.org"], 1)
    own = found.seen_by(Sight(addresses=frozenset({"ana@example.org"})))
    assert own
    assert ([one.address for one in own.recipients], own.elsewhere) == (["ana+x@example.org"], 2)
    assert found.seen_by(Sight(domains=frozenset({"org"}))) is None
    assert found.seen_by(Sight(addresses=frozenset({"na@example.org"}))) is None
    assert found.seen_by(Sight(domains=frozenset())) is None


def test_released_is_what_came_with_one_line_more() -> None:
    sent = original(STORED, "QrtSkcvEyCbE")
    first, _line, rest = sent.partition(b"\r\n")
    assert first.startswith(f"{RELEASED_HEADER}: ".encode())
    assert rest.startswith(b"Received: from client.outside.example (localhost [127.0.0.1])")
    came = STORED[STORED.index(b"Received: from client.outside"):]
    assert rest.replace(b"\r\n", b"\n") == came
    assert b"relevo-quarantine" not in sent
    assert b"X-Spam-Status" not in sent


def test_what_is_not_as_the_filter_wrote_it_is_not_released() -> None:
    for broken in (b"", b"Subject: x\n\n(amavis, port 10024)", STORED.replace(b"port 10024", b"port 10026")):
        with pytest.raises(QuarantineError, match="can't be released"):
            original(broken, "Number000001")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_copy_or_none(noise: bytes) -> None:
    for headers in (noise, HEAD + b"\n" + noise, noise + b"\n" + HEAD, HEAD.replace(b"Spammer", noise)):
        found = of(headers)
        if found:
            assert ID.fullmatch(found.id)
            assert found.kind in KINDS
            assert found.subject.isprintable()
            assert found.author.isprintable()


@given(st.text(max_size=200), st.text(max_size=200))
def test_what_a_sender_writes_below_changes_no_recipient(name: str, value: str) -> None:
    line = f"\nX-Relevo-Refused-For: {value}\n{name}: {value}".encode(errors="replace")
    found, usual = of(HEAD + line), of(HEAD)
    assert found
    assert usual
    assert (found.id, found.recipients, found.kind, found.sender) == (
        usual.id, usual.recipients, usual.kind, usual.sender
    )
