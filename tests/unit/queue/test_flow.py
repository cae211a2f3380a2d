"""How much mail has gone through, from the lines of Postfix's journal; they are real ones, with other addresses."""

from __future__ import annotations

import json

import pytest

from relevo.queue.flow import HOUR, HOURS, KINDS, Flow, kind
from relevo.queue.journal import _read, _write

AT = 1795892400.0  # a full hour
LINES = {
    "postfix/reinject/smtpd[91]: 4jcKGs3y4kz2FqvN: client=localhost[127.0.0.1]": "accepted",
    "postfix/smtpd[91]: NOQUEUE: client=mx.elsewhere.example[192.0.2.9]": "",
    "postfix/cleanup[92]: 4jcKGs3y4kz2FqvN: message-id=<1@elsewhere.example>": "",
    "postfix/qmgr[7]: 4jcKGs3y4kz2FqvN: from=<x@elsewhere.example>, size=1024, nrcpt=2 (queue active)": "",
    "postfix/lmtp[93]: 4jcKGs3y4kz2FqvN: to=<ana@example.org>, relay=192.168.100.100[192.168.100.100]:24, delay=0.2, "
    "delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <ana@example.org> Saved)": "delivered",
    "postfix/filter/smtp[94]: 4jcKGs3y4kz2FqvP: to=<root@example.org>, relay=127.0.0.1[127.0.0.1]:10026, dsn=2.0.0, "
    "status=sent (250 2.0.0 from MTA)": "",
    "postfix-adopted/smtp[95]: 4jcKGs3y4kz2FqvQ: to=<x@elsewhere.example>, relay=none, dsn=4.4.1, status=deferred "
    "(connect to 192.0.2.9[192.0.2.9]:25: Connection refused)": "deferred",
    "postfix/smtpd[91]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 <no@example.org>: Recipient address "
    "rejected; from=<x@elsewhere.example> to=<no@example.org> proto=ESMTP helo=<mx>": "rejected",
    "postfix/smtpd[91]: proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=1 - spam; from=<x@elsewhere.example>":
    "rejected",
    "postfix/postscreen[6]: NOQUEUE: reject: RCPT from [192.0.2.9]:4711: 550 5.5.1 Protocol error": "rejected",
    "postfix/smtp[96]: 4jcKGs3y4kz2FqvR: to=<x@gone.example>, relay=none, dsn=5.4.4, status=bounced (not found)": "",
    "postfix/smtpd[91]: connect from localhost[127.0.0.1]": "",
}


def line(text: str, at: float = AT) -> bytes:
    return f"{at:.6f} mail01 {text}".encode()


@pytest.mark.parametrize("text", LINES, ids=lambda text: text[:40])
def test_what_a_line_tells_of(text):
    assert kind(line(text)) == LINES[text]


def counts(flow: Flow) -> dict[int, dict[str, int]]:
    return {int(at): dict(zip(KINDS, found, strict=True)) for at, *found in flow.told()["hours"]}


def test_counts_by_the_hour():
    flow = Flow()
    flow.take([*map(line, LINES), b"  a line that goes on", b""])
    (sent,) = [text for text in LINES if "/lmtp" in text]
    flow.take([line(sent, AT + HOUR), line(sent, AT + HOUR + 0.5)])
    assert counts(flow) == {
        int(AT): {"accepted": 1, "delivered": 1, "deferred": 1, "rejected": 3},
        int(AT) + HOUR: {"accepted": 0, "delivered": 2, "deferred": 0, "rejected": 0},
    }
    assert flow.told()["totals"] == {"accepted": 1, "delivered": 3, "deferred": 1, "rejected": 3}


def test_an_hour_without_mail_is_another_thing_than_one_of_which_nothing_is_known():
    flow = Flow()
    flow.take([line("postfix/smtpd[91]: connect from localhost[127.0.0.1]", AT + hour * HOUR) for hour in (0, 2)])
    assert counts(flow) == {int(AT) + hour * HOUR: dict.fromkeys(KINDS, 0) for hour in (0, 2)}


def test_a_day_is_kept_and_the_total_only_grows():
    flow = Flow()
    (sent,) = [text for text in LINES if "/lmtp" in text]
    flow.take([line(sent, AT + hour * HOUR) for hour in range(60)])
    assert len(counts(flow)) == HOURS
    assert min(counts(flow)) == AT + (60 - HOURS) * HOUR
    assert flow.told()["totals"]["delivered"] == 60


def test_after_a_restart_nothing_is_counted_twice_and_nothing_left_out(tmp_path):
    file = tmp_path / "flow.json"
    flow = _read(file)
    (sent,) = [text for text in LINES if "/lmtp" in text]
    lines = [line(sent, AT + number / 10) for number in range(20)]
    flow.take(lines[:12])
    _write(file, json.dumps(flow.kept()))
    assert file.stat().st_mode & 0o777 == 0o600
    again = _read(file)
    again.resume()
    again.take(lines[7:])
    assert again.told()["totals"]["delivered"] == 20


def test_a_clock_that_is_put_back_ends_no_counting():
    flow = Flow()
    (sent,) = [text for text in LINES if "/lmtp" in text]
    flow.take([line(sent, AT + 3 * HOUR), line(sent, AT), line(sent, AT + 1)])
    assert flow.told()["totals"]["delivered"] == 3


@pytest.mark.parametrize("text", [
    "", "[]", "{", '{"last": 1}', '{"last": "x", "hours": {}, "totals": {}}', "3",
    '{"last": 1, "hours": {"2": [1]}, "totals": {}}', '{"last": 1, "hours": {"a": [0,0,0,0]}, "totals": {}}',
])
def test_a_damaged_file_is_begun_anew(tmp_path, text, caplog):
    (tmp_path / "flow.json").write_text(text)
    assert _read(tmp_path / "flow.json").told()["hours"] == []
    assert "mail is counted anew" in caplog.text
