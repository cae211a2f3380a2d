"""How long commands and conditions are waited for, and what is said of those that fail."""

from __future__ import annotations

import os

import pytest

from relevo.deploy.shell import PATIENCE, CommandFailed, allow, patience, run, stays_wrong, wait_until
from relevo.errors import RelevoError


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


def test_commands_have_as_much_longer_as_a_slow_machine_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PATIENCE, "20")
    run(["sleep", "0.2"], within=0.1)
    monkeypatch.setenv(PATIENCE, "2")
    with pytest.raises(CommandFailed, match=r"after 0\.2 s"):
        run(["sleep", "20"], within=0.1)
    with pytest.raises(CommandFailed, match=r"waited 0\.2 s"):
        wait_until(lambda: False, within=0.1, what="nothing", every=0.01)


@pytest.mark.parametrize("text", ["0", "0.5", "-1", "nan", "inf", "101", "fast", ""])
def test_a_patience_that_is_none_is_refused_in_a_sentence(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PATIENCE, text)
    with pytest.raises(RelevoError, match=f"RELEVO_PATIENCE is '{text}'.*from 1 to 100"):
        patience()


def test_without_one_deadlines_are_as_they_are_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(PATIENCE, raising=False)
    assert patience() == 1


def test_a_slow_platform_gives_its_commands_time_unless_somebody_said_how_much(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PATIENCE, "3")
    allow(5)
    assert patience() == 3
    monkeypatch.delenv(PATIENCE)
    allow(1)
    assert PATIENCE not in os.environ
    allow(5)
    assert patience() == 5


def test_an_error_tells_what_was_said_and_of_a_script_only_how_it_begins():
    with pytest.raises(CommandFailed) as failed:
        run(["sh", "-c", "\nset -e\n" + 999 * "true\n" + "echo no room >&2; exit 3", "of mail01"])
    assert str(failed.value) == "`sh -c set -e… of mail01` ended with 3: no room"


def test_an_error_quotes_of_many_arguments_only_the_first():
    with pytest.raises(CommandFailed) as failed:
        run(["sh", "-c", "echo no room >&2; exit 3", *(f"--exclude=/{number}" for number in range(100))])
    assert str(failed.value).startswith("`sh -c echo no room >&2; exit 3 --exclude=/0 --exclude=/1")
    assert str(failed.value).endswith("…` ended with 3: no room")
    assert len(str(failed.value)) < 240
