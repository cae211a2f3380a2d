"""Why mail waits, in plain words: what Postfix and other servers were heard to say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo import i18n
from relevo.directory.queue.reasons import NONE, explain
from tests.unit.queue.memory import LINES

HEARD = {recipient["delay_reason"] for line in LINES for recipient in json.loads(line)["recipients"]}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("connect to 192.168.100.100[192.168.100.100]:24: Connection refused", "own-delivery"),
        ("connect to 192.168.100.100[192.168.100.100]:24: Connection timed out", "own-delivery"),
        ("connect to 127.0.0.1[127.0.0.1]:10024: Connection refused", "own-filter"),
        ("connect to 127.0.0.1[127.0.0.1]:10025: Connection refused", "refused"),
        ('mysql:/etc/postfix/sql/aliases.cf lookup error for "ana@example.org"', "own-lookup"),
        ("mail transport unavailable; Server configuration error", "own-lookup"),
        ("mail for a.example loops back to myself", "loops"),
        ("Host or domain name not found. Name service error for name=a.example type=MX: Host not found", "dns"),
        ("host mx.a.example[192.0.2.1] said: 450 4.2.0 <a@b>: Recipient address rejected: Greylisted", "greylisted"),
        ("host mx.a.example[192.0.2.1] said: 451 4.7.1 Greylisting in action, please come back later", "greylisted"),
        ("host mx.a.example[192.0.2.1] said: 450 Please try again in 300 seconds", "greylisted"),
        ("host mx.a.example[192.0.2.1] said: 452 4.2.2 The account is over quota", "mailbox-full"),
        ("host mail01.example.org[/run/dovecot/lmtp] said: 452 4.2.2 <a@b> Quota exceeded", "mailbox-full"),
        ("host mx.a.example[192.0.2.1] said: 452 4.3.1 Insufficient system storage", "no-room"),
        ("TLS is required, but was not offered by host mx.a.example[192.0.2.1]", "tls"),
        ("Cannot start TLS: handshake failure", "tls"),
        ("host mx.a.example[192.0.2.1] refused to talk to me: 421 4.7.0 blocked using zen.spamhaus.org", "distrusted"),
        ("host mx.a.example[192.0.2.1] said: 421 4.7.28 Our system has detected an unusual rate of mail", "slowed"),
        ("host mx.a.example[192.0.2.1] said: 421 Too many concurrent SMTP connections", "slowed"),
        ("connect to mx.a.example[192.0.2.1]:25: Connection refused", "refused"),
        ("connect to mx.a.example[192.0.2.1]:25: No route to host", "unreachable"),
        ("connect to mx.a.example[192.0.2.1]:25: Connection timed out", "timed-out"),
        ("lost connection with mx.a.example[192.0.2.1] while sending end of data", "timed-out"),
        ("delivery temporarily suspended: connect to mx.a.example[192.0.2.1]:25: Connection timed out", "timed-out"),
        ("host mx.a.example[192.0.2.1] said: 451 4.7.1 Service unavailable - try again later", "not-now"),
        ("something that nobody has said before", ""),
        ("", ""),
    ],
)
def test_reasons(words, kind):
    said = explain(words)
    assert said.kind == kind
    assert bool(said.what) is bool(said.advice) is bool(kind)


def test_all_that_was_heard_is_explained():
    assert len(HEARD) > 8
    assert not [words for words in HEARD if explain(words) == NONE]


def test_in_the_readers_language():
    with i18n.speaking("es"):
        assert explain("Connection refused").what == "El otro servidor rechaza la conexión."


@given(st.text(max_size=600))
def test_any_words_are_explained_or_not_but_quickly(words):
    assert isinstance(explain(words), tuple)
