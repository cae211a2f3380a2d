"""From what a real Postfix has listed (data/postqueue.jsonl, Postfix 3.10 of Debian 13) to rows."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.queue.listing import MOST_RECIPIENTS, STATES, Selection, Wanted
from tests.unit.queue.memory import LINES, message


def select(wanted: Wanted, lines=LINES) -> Selection:
    selection = Selection(wanted)
    for line in lines:
        selection.take(line.encode() if isinstance(line, str) else json.dumps(line).encode())
    return selection


def test_everything_that_postfix_lists_becomes_a_row():
    found = select(Wanted(limit=100))
    assert len(found.rows()) == len(LINES) == found.matching == found.counts["deferred"]
    assert [row["id"] for row in found.rows()] == sorted(json.loads(line)["queue_id"] for line in LINES)
    arrivals = [row["arrived"] for row in found.rows()]
    assert arrivals == sorted(arrivals)  # the order of long ids is that of time


def test_the_sender_of_a_bounce_is_empty():
    (row,) = select(Wanted(sender="<>")).rows()
    assert (row["sender"], row["recipients"][0]["address"]) == ("", "ana@refused.example")


@pytest.mark.parametrize(
    ("wanted", "addresses"),
    [
        (Wanted(recipient="@full."), {"luis@full.example", "ana@full.example"}),
        (Wanted(words=("greylisted", "luis")), {"luis@grey.example"}),
        (Wanted(sender="ana@", words=("tls", "required")), {"luis@tls.example"}),
        (Wanted(states=frozenset({"hold"})), set()),
        (Wanted(sender="nobody@"), set()),
    ],
)
def test_filters(wanted, addresses):
    rows = select(wanted).rows()
    assert {one["address"] for row in rows for one in row["recipients"]} >= addresses
    assert bool(rows) is bool(addresses)


def test_pages_follow_each_other_without_gap_or_repetition():
    seen, after = [], ""
    while rows := select(Wanted(after=after, limit=3)).rows():
        assert len(rows) <= 3
        seen += [row["id"] for row in rows]
        after = seen[-1]
    assert seen == sorted(json.loads(line)["queue_id"] for line in LINES)


def test_a_domain_sees_what_concerns_it_and_of_a_strangers_message_not_who_else_gets_it():
    messages = [
        message("AAAAAA", "ana@example.org", "x@elsewhere.example", "y@elsewhere.example"),
        message("BBBBBB", "x@elsewhere.example", "luis@Example.org", "eve@other.example"),
        message("CCCCCC", "x@elsewhere.example", "eve@other.example"),
        message("DDDDDD", "", "eve@notexample.org"),
    ]
    found = select(Wanted(domains=frozenset({"example.org"})), messages)
    told = {row["id"]: ([one["address"] for one in row["recipients"]], row["elsewhere"]) for row in found.rows()}
    assert told == {
        "AAAAAA": (["x@elsewhere.example", "y@elsewhere.example"], 0), "BBBBBB": (["luis@Example.org"], 1),
    }
    assert found.counts.total() == 2
    hidden = Wanted(domains=frozenset({"example.org"}), words=("eve@other",))
    assert not select(hidden, messages).rows()  # nor by searching
    assert not select(Wanted(domains=frozenset()), messages).rows()


def test_a_message_that_is_listed_twice_is_one_row():
    twice = [message("AAAAAA", "a@b.example", "c@d.example", state=state) for state in ("active", "deferred")]
    assert [row["state"] for row in select(Wanted(), twice).rows()] == ["deferred"]


def test_mail_that_was_just_handed_in_is_incoming():
    assert select(Wanted(), [message("AAAAAA", "a@b.example", "c@d.example", state="maildrop")]).counts["incoming"] == 1


def test_of_a_long_list_of_recipients_some_are_told():
    long = message("AAAAAA", "a@b.example", *(f"r{number}@d.example" for number in range(5000)), reason="x" * 9000)
    (row,) = select(Wanted(words=("r4999@",)), [long]).rows()
    assert (len(row["recipients"]), row["more"]) == (MOST_RECIPIENTS, 5000 - MOST_RECIPIENTS)
    assert len(json.dumps(row)) < 20_000


def test_what_would_steer_a_terminal_is_left_out():
    strange = message("AAAAAA", "a\x1b[2J@b.example", "c@d.example", reason="said: \x07\u202e")
    (row,) = select(Wanted(), [strange]).rows()
    assert (row["sender"], row["recipients"][0]["reason"]) == ("a?[2J@b.example", "said: ??")


def test_a_hundred_thousand_messages_take_little_memory():
    line = json.dumps(message("AAAAAA", "ana@example.org", "x@elsewhere.example", reason="Connection refused"))
    selection = Selection(Wanted(limit=200))
    tracemalloc.start()
    for number in range(100_000):
        selection.take(line.replace("AAAAAA", f"{999_999 - number}").encode())
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (selection.matching, len(selection.rows())) == (100_000, 200)
    assert selection.rows()[0]["id"] == "900000"
    assert peak < 2_000_000


@pytest.mark.parametrize("line", [b"", b"nothing", b"[]", b"{}", b"7", b'{"queue_id": "A"}', b"\xff\xfe"])
def test_what_is_no_message_is_said(line):
    with pytest.raises(ValueError, match=r".*"):
        Selection(Wanted()).take(line)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_value_error(line):
    selection = Selection(Wanted())
    try:
        selection.take(line)
    except ValueError:
        assert not selection.rows()


addresses = st.one_of(st.just("MAILER-DAEMON"), st.text(max_size=30), st.emails())
messages = st.builds(
    message, st.text("0123456789BCDF", min_size=6, max_size=8), addresses, addresses, addresses,
    state=st.sampled_from([*STATES, "maildrop"]), reason=st.text(max_size=40),
)


@given(st.lists(messages, max_size=30), st.integers(1, 10), st.text(max_size=3))
def test_whatever_waits_rows_are_sorted_bounded_and_counted(waiting, limit, word):
    found = select(Wanted(limit=limit, words=tuple(word.lower().split())), waiting)
    ids = [row["id"] for row in found.rows()]
    assert ids == sorted(set(ids))
    assert len(ids) <= limit
    assert len(ids) <= found.matching <= found.counts.total() == len(waiting)
    assert set(found.counts) <= set(STATES)
