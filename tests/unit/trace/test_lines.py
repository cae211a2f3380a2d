"""What lines say: real ones of both releases, and any others, of which none may raise."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relevo.cluster import wires
from relevo.trace.journal import command, entry
from relevo.trace.lines import Line, parse
from tests.unit.trace.nodes import DOMAIN, RELEASES, cases, lines

PROGRAMS = (
    "postfix/smtpd", "postfix/submission/smtpd", "postfix/postscreen", "postfix/cleanup", "postfix/qmgr",
    "postfix/smtp", "postfix/lmtp", "postfix/local", "postfix/bounce", "postfix/pickup", "postfix/postsuper",
    "postfix-adopted/qmgr", "amavis", "dovecot", "cron", "postfix", "postfix/", "",
)
REAL = [line for release in RELEASES for line in lines(release)]


def said(program: str, text: str):
    return parse(Line(1, program, 1, text))


@given(st.sampled_from(PROGRAMS), st.text())
@example("amavis", "(1-1) Passed CLEAN, <> -> <>")
@example("postfix/lmtp", "4jcPlb5LXdz2Gm1j: to=<>, relay=, delay=0, delays=, dsn=0, status=sent (250 x <> : Saved)")
def test_no_line_raises(program, text):
    parse(Line(1, program, 1, text))


@given(st.sampled_from(REAL), st.data())
def test_no_real_line_raises_however_it_is_cut_or_spoilt(line, data):
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(line.text))] * 2)))
    spoilt = line.text[:begin] + data.draw(st.text(max_size=9)) + line.text[end:]
    for text in (line.text[:begin], line.text[end:], spoilt):
        if event := said(line.program, text):
            assert all(isinstance(value, str) for value in event.told.values())


def test_both_releases_say_the_same():
    kinds = [
        {name: Counter(event.kind for line in some if (event := parse(line))) for name, some in cases(release).items()}
        for release in RELEASES
    ]
    total = [sum((Counter(one) for one in each.values()), Counter()) for each in kinds]
    assert total[0] == total[1]
    assert set(total[0]) >= {
        "tls", "client", "accepted", "rejected", "handed", "message-id", "queued", "delivery", "expired", "notice",
        "removed", "held", "released", "deleted", "filtered", "stored", "forwarded", "answered", "discarded",
        "returned",
    }


@pytest.mark.parametrize("release", RELEASES)
def test_every_line_with_a_queue_id_says_something(release):
    silent = [
        line for line in lines(release)
        if line.program.startswith("postfix") and line.text.startswith("4jc") and not parse(line)
    ]
    assert {line.text.partition(": ")[2].partition(" ")[0] for line in silent} == {"breaking"}  # a long line of a body


def test_the_parts_of_a_delivery():
    event = said("postfix/lmtp", (
        f"4jcPlx6wTzz2Gm4C: to=<eva@{DOMAIN}>, orig_to=<todos@{DOMAIN}>, relay=192.168.100.100[192.168.100.100]:24, "
        f"conn_use=2, delay=0.03, delays=0/0/0.01/0.02, dsn=2.0.0, status=sent (250 2.0.0 <eva@{DOMAIN}> "
        "cDbxOu1SC/s3+QAAg+zDdQ:R2 Saved)"
    ))
    assert (event.kind, event.key, event.link) == ("delivery", "4jcPlx6wTzz2Gm4C", "lmtp.cDbxOu1SC_s3-QAAg-zDdQ")
    assert (event.told["recipient"], event.told["original"], event.told["status"]) == (
        f"eva@{DOMAIN}", f"todos@{DOMAIN}", "sent",
    )


def test_what_another_server_says_links_nothing():
    for relay in ("mx.example[192.0.2.1]:25", "127.0.0.1.evil.example[192.0.2.1]:25"):
        event = said("postfix/smtp", (
            f"4jcPlk1k03z2Gm3X: to=<x@y.example>, relay={relay}, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent "
            "(250 2.0.0 Ok: queued as 4jcPlb5LXdz2Gm1j)"
        ))
        assert event.link == ""


def test_what_a_stranger_writes_is_not_taken_for_ours():
    helo = "x> queued as 4jcPlb5LXdz2Gm1j"
    event = said("postfix/smtpd", (
        "NOQUEUE: reject: RCPT from evil.example[192.0.2.1]: 550 5.1.1 <n@o.example>: Recipient address rejected: User "
        f"unknown; from=<a@b.example> to=<n@o.example> proto=ESMTP helo=<{helo}>"
    ))
    assert (event.kind, event.key, event.told["sender"]) == ("rejected", "", "a@b.example")
    warning = "NOQUEUE: reject_warning: RCPT from x[192.0.2.1]: 550 no; from=<> to=<a@b> proto=ESMTP"
    assert said("postfix/smtpd", warning) is None


def test_entries_of_the_journal():
    told = (
        '{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1795904219637298","_BOOT_ID":"5f0e","SYSLOG_IDENTIFIER":"dovecot",'
        '"MESSAGE":%s,"_PID":"12"}'
    )
    assert entry((told % '"hello"').encode()).line == Line(1795904219637298, "dovecot", 12, "hello")
    assert entry((told % "[104,105,255]").encode()).line.text == "hi\ufffd"  # bytes that are no UTF-8
    for bad in ("null", '{"a":1}', "[1000]"):
        assert entry((told % bad).encode()) is None
    assert entry(b"\n") is None
    assert entry(b'{"__CURSOR":1') is None


def test_the_journal_is_asked_for_units_that_it_names_itself():
    first, later = command(("a.service", "b.service"), "", 7), command(("a.service",), "s=1", 7)
    assert "--merge" in first
    assert "--since=@7" in first
    assert "--after-cursor=s=1" in later
    assert first[-6:] == [
        "_SYSTEMD_UNIT=a.service", "_SYSTEMD_UNIT=b.service", "+", "SYSLOG_IDENTIFIER=postfix/postsuper", "_UID=0",
        f"_UID={wires.POSTFIX_ID}",
    ]
