"""What is asked for a while before it counts."""

from __future__ import annotations

import pytest

from relevo.deploy.shell import stays_wrong


@pytest.mark.parametrize(
    ("answers", "within", "left"),
    [
        ([[]], 0.0, []),
        ([["slow"], []], 5.0, []),
        ([["silent"], ["silent still"], []], -1.0, ["silent"]),  # time is up after the first
    ],
)
def test_one_bad_answer_proves_nothing(answers: list[list[str]], within: float, left: list[str]):
    given = iter(answers)
    assert stays_wrong(lambda: next(given), within=within, every=0.001) == left
