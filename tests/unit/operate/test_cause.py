"""Since when and why the virtual IP is where it is: what the machines noted in, the end of a sentence out."""

from __future__ import annotations

from typing import Any

import pytest

from relevo.operate.answers import Answer
from relevo.operate.cause import Arrival, arrival

NOW = 1000.0
TOOK = (100.0, "took", "well")
Events = list[tuple[float, str, str]]


def noted(events: Events) -> list[dict[str, Any]]:
    return [{"at": at, "event": event, "why": why} for at, event, why in events]


def ask(here: Events, there: Events | None, *, where: str = "history", **more: Any) -> Arrival:
    """Ask with mail01 as the active node, which has been on for 2000 s; the address came 900 s ago."""
    own = {"time": NOW, "holder_since": 900.0, "up": 2000.0, where: noted(here), **more}
    other = Answer(None, "silent") if there is None else Answer({where: noted(there)})
    return arrival("mail01", "mail02", {"mail01": Answer(own), "mail02": other, "storage01": Answer({})})


@pytest.mark.parametrize("where", ["history", "moves"])
@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ([TOOK], [(99.9, "demoted", "dovecot/imap: no answer in time")],
         "since mail02 gave it up (dovecot/imap: no answer in time)"),
        ([TOOK], [(99.6, "ordered", "switch-over"), (99.9, "lost", "well")], "by order (switch-over on mail02)"),
        ([TOOK], [(99.6, "ordered", "switchover, since glusterfs/mount can only be mended then")],
         "since mail02 handed it over (glusterfs/mount can only be mended then)"),
        ([TOOK], [(99.9, "lost", "well")], "since mail02 had lost it"),
        ([TOOK, (100.5, "silent", "mail02; 3 connections of the storage with it were ended")], None,
         "since mail02 had fallen silent"),
        ([TOOK, (100.5, "silent", "storage01; 3 connections of the storage with it were ended")], None, ""),
        ([TOOK], [(40.0, "demoted", "long ago")], ""),
        ([(50.0, "took", "well"), (60.0, "lost", "well"), TOOK], [(49.9, "demoted", "of an earlier time")], ""),
        ([TOOK], [], ""),
    ],
)
def test_the_cause_is_what_was_noted_when_it_came(here: Events, there: Events | None, told: str, where: str):
    assert ask(here, there, where=where) == Arrival(900.0, told)


def test_what_nobody_noted_is_counted_by_the_agent():
    assert ask([], [(99.9, "demoted", "x")]) == Arrival(900.0)


def test_an_agent_that_began_anew_has_noted_before_since_when():
    assert ask([TOOK], [(99.9, "lost", "well")], holder_since=30.0) == Arrival(900.0, "since mail02 had lost it")


@pytest.mark.parametrize(
    ("here", "more"),
    [
        ([TOOK], {"up": 60.0}),  # noted before the machine's start: the address has come anew
        ([TOOK], {"up": None}),
        ([TOOK, (500.0, "lost", "well")], {}),
        ([(500.0, "demoted", "ill")], {}),
    ],
)
def test_what_was_noted_of_an_earlier_coming_says_nothing_of_this_one(here: Events, more: dict[str, Any]):
    assert ask(here, [(99.9, "lost", "well")], holder_since=30.0, **more) == Arrival(30.0)


def test_an_older_agent_does_not_say_since_when_its_machine_is_on():
    view = {"time": NOW, "holder_since": 899.0, "history": noted([TOOK])}
    answers = {"mail01": Answer(view), "mail02": Answer({"history": noted([(99.9, "lost", "")])})}
    assert arrival("mail01", "mail02", answers) == Arrival(900.0, "since mail02 had lost it")


@pytest.mark.parametrize(("up", "told"), [(920.0, "since its start"), (1100.0, "")])
def test_it_may_have_come_with_the_start_of_the_machine(up: float, told: str):
    assert ask([TOOK], [], up=up) == Arrival(900.0, told)

