from __future__ import annotations

import json

import pytest

from relevo.drills.result import Check, DrillResult, Figure, Run, Verdict
from tests.unit.drills.samples import FAILED, NOT_RUN, PASSED, outage_check, run_of


def test_a_check_that_saw_nothing_cannot_pass() -> None:
    with pytest.raises(ValueError, match="observed"):
        Check("silent", "ask", "an answer", "  ", Verdict.PASSED)


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ((), Verdict.FAILED),
        ((PASSED,), Verdict.PASSED),
        ((PASSED, FAILED, NOT_RUN), Verdict.FAILED),
        ((PASSED, NOT_RUN), Verdict.NOT_RUN),
    ],
)
def test_a_drill_is_as_good_as_its_worst_check(checks: tuple[Check, ...], verdict: Verdict) -> None:
    assert DrillResult("d", "D", checks, 1.0).verdict is verdict


@pytest.mark.parametrize(
    ("checks", "in_lab", "asked_by_name", "code"),
    [
        ((PASSED,), True, False, 0),
        ((PASSED, FAILED), True, False, 1),
        ((PASSED, NOT_RUN), True, False, 1),
        ((PASSED, NOT_RUN), False, False, 0),
        ((PASSED, NOT_RUN), False, True, 1),
        ((PASSED, FAILED), False, False, 1),
        ((), True, False, 1),
    ],
)
def test_the_exit_code(checks: tuple[Check, ...], in_lab: bool, asked_by_name: bool, code: int) -> None:
    assert run_of(*checks, in_lab=in_lab).exit_code(asked_by_name=asked_by_name) == code


def test_a_run_without_any_drill_is_no_success() -> None:
    assert Run("c", "192.0.2.1", "now", in_lab=True, results=()).exit_code(asked_by_name=False) == 1


def test_figures_spread_over_the_runs() -> None:
    results = tuple(run_of(outage_check(seconds), PASSED).results[0] for seconds in (0.4, 6.0, 0.2))
    (spread,) = Run("c", "192.0.2.1", "now", in_lab=True, results=results).spreads()
    assert (min(spread.values), spread.median, max(spread.values), spread.failed) == (0.2, 0.4, 6.0, 1)


def test_what_was_not_measured_has_no_place_in_the_figures() -> None:
    assert run_of(PASSED, FAILED, NOT_RUN).spreads() == []


def test_json_holds_every_check_and_no_picture() -> None:
    told = json.loads(json.dumps(run_of(PASSED, FAILED, NOT_RUN, outage_check(0.4)).to_dict()))
    assert told["counts"] == {"passed": 2, "failed": 1, "not_run": 1}
    assert told["drills"][0]["checks"][3]["figure"] == {"value": 0.4, "unit": "s", "aim": None}
    assert "pictures" not in told["drills"][0]


@pytest.mark.parametrize(("value", "text"), [(0.7123, "0.712 s"), (12.0, "12 s"), (1234.5, "1234 s")])
def test_figures_read_well(value: float, text: str) -> None:
    assert str(Figure(value, "s")) == text
