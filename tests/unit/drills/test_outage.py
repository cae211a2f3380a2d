from __future__ import annotations

import pytest

from relevo.drills.outage import Sample, outage, steady


def samples(text: str, every: float = 0.1) -> list[Sample]:
    """One sample a character, 0.1 s apart, each ends 0.05 s after it began: `+` good, `-` failed, ` ` none."""
    moments = [(number * every, sign) for number, sign in enumerate(text) if sign != " "]
    return [Sample(at, at + 0.05, sign == "+", "ok" if sign == "+" else "refused") for at, sign in moments]


@pytest.mark.parametrize(
    ("text", "seconds", "lost", "recovered", "measured"),
    [
        ("++++++++++", 0.1, 0, True, True),  # nothing lost: the grid itself
        ("+++----+++", 0.5, 4, True, True),  # last good at 0.25, next at 0.75
        ("+++-+---++", 0.4, 4, True, True),  # two gaps: the longer one
        ("+++-------", 0.75, 7, False, False),  # never again: up to the end of the watch
        ("+++---+---", 0.4, 6, False, True),  # came back for a moment only
        ("----++++++", 0.1, 1, True, False),  # was not there before: nothing is measured
        ("+++    +++", 0.5, 0, True, True),  # answers that came late count, though none failed
    ],
)
def test_outage(text: str, seconds: float, lost: int, *, recovered: bool, measured: bool) -> None:
    seen = outage(samples(text), since=0.26, until=1.0)
    assert seen.seconds == pytest.approx(seconds)
    assert (seen.lost, seen.recovered, seen.measured) == (lost, recovered, measured)


def test_no_sample_at_all_is_no_measurement() -> None:
    seen = outage([], since=0.0, until=9.0)
    assert not seen.measured
    assert not seen.recovered


def test_the_first_trouble_is_told() -> None:
    assert outage(samples("+++--+++"), since=0.26, until=0.9).trouble == "refused"


def test_a_slow_answer_counts_when_it_ends() -> None:
    slow = [Sample(0.0, 0.05, good=True, seen=""), Sample(0.1, 2.1, good=True, seen="")]
    assert outage(slow, since=0.06, until=3.0).seconds == pytest.approx(2.05)


@pytest.mark.parametrize(
    ("text", "well"), [("+++---++++", True), ("+++----+++", False), ("+++", False), ("+++ + + + ", True)]
)
def test_steady(text: str, *, well: bool) -> None:
    assert steady(samples(text), since=0.26, now=1.0, calm=0.4) is well


def test_steady_takes_its_time() -> None:
    assert not steady(samples("++++++++++"), since=0.9, now=1.0, calm=0.4)
