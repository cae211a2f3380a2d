from __future__ import annotations

import smtplib

import pytest

from relevo.drills.recorder import Recorder
from relevo.drills.result import Check, Verdict
from relevo.drills.waiting import NotDelivered, NotHere
from relevo.errors import DrillError


def only(recorder: Recorder) -> Check:
    (check,) = recorder.checks
    return check


def test_what_was_seen_and_good_passes_and_is_shown_at_once() -> None:
    live: list[Check] = []
    recorder = Recorder(live.append)
    with recorder.checking("name", tried="t", expected="e") as check:
        check.saw("250\n  Ok", good=True)
    assert only(recorder) == live[0]
    assert (live[0].obtained, live[0].verdict) == ("250 Ok", Verdict.PASSED)


def test_nothing_seen_fails() -> None:
    recorder = Recorder()
    with recorder.checking("name", tried="t", expected="e"):
        pass
    assert only(recorder).verdict is Verdict.FAILED
    assert only(recorder).obtained


def test_something_empty_that_was_called_good_fails() -> None:
    recorder = Recorder()
    with recorder.checking("name", tried="t", expected="e") as check:
        check.saw("", good=True)
    assert only(recorder).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 no"), "535 5.7.8 no"),
        (DrillError("waited in vain"), "waited in vain"),
    ],
)
def test_trouble_with_the_other_side_fails_the_check_and_lets_the_drill_go_on(trouble: Exception, text: str) -> None:
    recorder = Recorder()
    with recorder.checking("name", tried="t", expected="e") as check:
        check.saw("250 Ok", good=True)
        raise trouble
    assert only(recorder).verdict is Verdict.FAILED
    assert text in only(recorder).obtained


def test_the_way_of_a_message_that_did_not_come_stands_beside_the_check() -> None:
    recorder = Recorder()
    with recorder.checking("name", tried="t", expected="e"):
        raise NotDelivered("waited in vain", ("10:00:00 mail01 deferred",))
    assert only(recorder).verdict is Verdict.FAILED
    assert only(recorder).noted == ("10:00:00 mail01 deferred",)


def test_what_is_noted_meanwhile_stands_beside_that_check_alone() -> None:
    recorder = Recorder()
    with recorder.checking("late", tried="t", expected="e") as check:
        recorder.note("late: it came after 63 s")
        check.saw("it came", good=True)
    with recorder.checking("next", tried="t", expected="e") as check:
        check.saw("it came", good=True)
    assert [one.noted for one in recorder.checks] == [("late: it came after 63 s",), ()]
    assert recorder.checks[0].verdict is Verdict.PASSED


def test_what_can_not_be_tried_is_not_run() -> None:
    recorder = Recorder()
    with recorder.checking("name", tried="t", expected="e"):
        raise NotHere("only in a lab")
    assert only(recorder).verdict is Verdict.NOT_RUN


def test_a_mistake_of_ours_is_no_observation() -> None:
    recorder = Recorder()
    with pytest.raises(KeyError), recorder.checking("name", tried="t", expected="e"):
        raise KeyError("typo")
