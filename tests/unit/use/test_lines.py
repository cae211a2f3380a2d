"""What real lines of Dovecot 2.3 and 2.4 come to; only the client's address in them is another one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relevo.trace.lines import Line
from relevo.use.lines import Changed, Login, Named, parse

DATA = Path(__file__).parent / "data"
RELEASES = ("debian-12", "debian-13")
CLIENT = "203.0.113.6"


def lines(release: str) -> list[Line]:
    return [Line(*json.loads(text)) for text in (DATA / f"{release}.jsonl").read_text(encoding="utf-8").splitlines()]


def said(text: str, program: str = "dovecot") -> Login | Named | Changed | None:
    return parse(Line(5, program, 1, text))


@pytest.mark.parametrize("release", RELEASES)
def test_logins_tell_mailbox_protocol_client_and_app_password(release):
    logins = [event for event in map(parse, lines(release)) if isinstance(event, Login)]
    assert [(one.address.partition("@")[0], one.protocol, one.client, one.app) for one in logins] == [
        ("ana", "imap", CLIENT, 0), ("ana", "imap", CLIENT, 7), ("luis", "webmail", "", 0),
        ("eva", "imap", CLIENT, 0), ("luis", "pop3", CLIENT, 0),
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_programs_say_what_they_are_before_and_after_the_login(release):
    events = [event for event in map(parse, lines(release)) if event]
    named = {event.session: event.program for event in events if isinstance(event, Named)}
    logins = [event.session for event in events if isinstance(event, Login) and event.session]
    assert [named.get(session, "") for session in logins] == ["Thunderbird 128.0", "iPhone Mail 22A", ""]


@pytest.mark.parametrize("release", RELEASES)
def test_a_mailbox_has_changed_after_a_delivery_and_a_session_that_added_or_took_away(release):
    changed = [event.address.partition("@")[0] for event in map(parse, lines(release)) if isinstance(event, Changed)]
    assert changed == ["ana", "ana", "luis", "eva"]  # an APPEND, an EXPUNGE, two deliveries; reading changes nothing


def test_who_sends_is_told_by_postfix_without_the_password_that_it_was():
    text = "NOQUEUE: client=unknown[203.0.113.6], sasl_method=PLAIN, sasl_username=Ana@example.org"
    expected = Login(5, "ana@example.org", "smtp", CLIENT, None, "")
    assert said(text, "postfix/submission/smtpd") == expected
    assert said(text, "postfix/submissions/smtpd") == expected
    assert said(text, "postfix/smtpd") is None  # from outside: nobody logs in there
    assert said(text.replace(CLIENT, "127.0.0.1"), "postfix/submissions/smtpd") is None  # the webmail, seen by IMAP


@pytest.mark.parametrize("text", [
    "imap-login: Login aborted: Connection closed (auth failed): user=<ana@example.org>, method=PLAIN, rip=203.0.113.6",
    "managesieve-login: Logged in: user=<ana@example.org>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, mpid=1",
    "imap-login: Logged in: user=<ana@example.org>, method=PLAIN, mpid=1, session=<a>",  # by a socket of this machine
    "imap-login: Logged in: user=<nobody>, method=PLAIN, rip=203.0.113.6, lip=192.0.2.1",
    "imap(ana@example.org)<1><a>: ID sent: name=imap-login: Logged in: user=<eva@example.org>, rip=1.2.3.4",
    "lmtp(50): msgid=<x>: saved mail",
    "", "imap-login: ",
])
def test_what_is_no_login_is_none(text):
    assert not isinstance(said(text), Login | Changed)


def test_what_a_program_calls_itself_is_cut_and_printable_and_tells_nothing_else():
    before = "imap-login: Pre-login ID sent: name={}, version=1: user=<>, rip=203.0.113.6, session=<real>"
    assert said(before.format("x: user=<eva@e.org>, session=<false>")) == Named("real", "x: user=<eva@e.org> 1")
    assert said(before.format("\u202eevil\x1b[1m")) == Named("real", "evil[1m 1")
    long = said(before.format("n" * 900))
    assert isinstance(long, Named)
    assert len(long.program) == 60


def test_an_app_password_is_read_where_dovecot_writes_it_and_nowhere_else():
    text = "imap-login: Logged in: user=<a@e.org>, method=PLAIN, rip=203.0.113.6, lip=192.0.2.1, TLS, {}session=<s>"
    for part, expected in (("app=7, ", 7), ("app=, ", 0), ("", 0), ("xapp=9, ", 0)):
        found = said(text.format(part))
        assert isinstance(found, Login)
        assert found.app == expected
