"""How a probe stands, outcome by outcome."""

from __future__ import annotations

import pytest

from relevo.agent.standing import Outcome, Standing, advance


def after(words: str) -> Standing:
    """Play outcomes one second apart: `+` success, `-` failure, `!` refused."""
    standing = Standing()
    for second, word in enumerate(words):
        standing = advance(standing, Outcome(second, word == "+", f"said {second}", refused=word == "!"))
    return standing


@pytest.mark.parametrize(
    ("words", "good", "since"),
    [
        ("", None, 0),
        ("+", True, 0),  # a first success is enough
        ("-", None, 0),  # a first failure is not
        ("--", False, 0),
        ("!", False, 0),  # nobody listens: known at once
        ("+-", True, 0),  # one failure is noise
        ("+-+-+-", True, 0),
        ("+--", False, 1),
        ("++!", False, 2),
        ("--+", False, 0),
        ("--++", True, 2),
        ("--+-+-", False, 0),  # the way back takes two in a row
        ("+--++--", False, 5),
    ],
)
def test_what_a_row_of_outcomes_means(words: str, good: bool | None, since: float):
    standing = after(words)
    assert standing.good is good
    assert standing.since == since


def test_a_surprise_makes_it_doubted_until_the_next_outcome():
    assert after("+-").doubted
    assert not after("+-+").doubted
    assert not after("+--").doubted


def test_it_remembers_the_last_success_and_the_last_complaint():
    standing = after("+-+--")
    assert standing.last_success == 2
    assert standing.complaint == "said 4"
    assert after("--+").complaint == "said 1"


def test_a_busy_service_may_be_silent_for_long():
    standing = advance(Standing(), Outcome(0, ok=True, text=""))
    for second in range(1, 30):
        standing = advance(standing, Outcome(second, ok=False, text="late", seconds=0.9, silent=True, busy=True))
        assert standing.good, second
    standing = advance(standing, Outcome(30.2, ok=False, text="late", seconds=0.9, silent=True, busy=True))
    assert standing.good is False
    assert standing.since == 1


def test_a_silent_service_that_no_longer_works_is_not_busy():
    standing = advance(Standing(), Outcome(0, ok=True, text=""))
    standing = advance(standing, Outcome(1, ok=False, text="late", silent=True, busy=True))
    assert advance(standing, Outcome(2, ok=False, text="late", silent=True)).good is False
    assert advance(standing, Outcome(2, ok=False, text="dead", refused=True)).good is False
