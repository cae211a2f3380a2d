"""Why the virtual IP is where it is: what the machines noted in, the end of a sentence out."""

from __future__ import annotations

import pytest

from relevo.operate.answers import Answer
from relevo.operate.cause import cause, held_seconds

TOOK = (100.0, "took", "well")


def ask(mail01: list[tuple[float, str, str]], mail02: list[tuple[float, str, str]] | None) -> str:
    def answer(events: list[tuple[float, str, str]] | None) -> Answer:
        if events is None:
            return Answer(None, "silent")
        return Answer({"history": [{"at": at, "event": event, "why": why} for at, event, why in events]})

    return cause("mail01", {"mail01": answer(mail01), "mail02": answer(mail02), "storage01": Answer({})})


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ([TOOK], [(99.9, "demoted", "dovecot/imap: no answer in time")],
         "since mail02 gave it up (dovecot/imap: no answer in time)"),
        ([TOOK], [(99.6, "ordered", "switch-over"), (99.9, "lost", "well")], "by order (switch-over on mail02)"),
        ([TOOK], [(99.9, "lost", "well")], "since mail02 had lost it"),
        ([TOOK, (100.5, "silent", "mail02; 3 connections of the storage with it were ended")], None,
         "since mail02 had fallen silent"),
        ([TOOK], [(40.0, "demoted", "long ago")], ""),
        ([(50.0, "took", "well"), TOOK], [(49.9, "demoted", "of an earlier time")], ""),
        ([TOOK], [], ""),
        ([], [(99.9, "demoted", "x")], ""),
    ],
)
def test_the_cause_is_what_was_noted_when_it_came(here, there, told: str):
    assert ask(here, there) == told


@pytest.mark.parametrize(
    ("events", "seconds"),
    [
        ([], 30.0),
        ([("took", 100.0)], 900.0),  # the agent began anew 30 s ago, the virtual IP was here all along
        ([("took", 100.0), ("lost", 200.0)], 30.0),
        ([("took", 100.0), ("lost", 200.0), ("took", 980.0)], 30.0),
    ],
)
def test_a_new_agent_does_not_make_the_holder_young(events: list[tuple[str, float]], seconds: float):
    history = [{"event": event, "at": at, "why": ""} for event, at in events]
    assert held_seconds({"holder_since": 30.0, "time": 1000.0, "history": history}) == seconds


def test_who_does_not_hold_it_has_not_held_it():
    assert held_seconds({"holder_since": None, "time": 1000.0}) is None
