"""Planned work: when the other node may be asked to take over, and what a restart of the agent keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from relevo.agent.planned import Planned, refusal
from relevo.agent.verdict import FAULT, FRESH_SECONDS, PeerWord

NOW = 1000.0
WELL = PeerWord(heard=NOW - 0.1, weight=180, ready=True)


def test_a_peer_that_is_well_may_take_over():
    assert refusal(WELL, NOW) == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"heard": NOW - FRESH_SECONDS - 0.1}, "does not answer"),
        ({"ready": False}, "keepalived"),
        ({"weight": FAULT}, "must not have"),
        ({"bad": frozenset({"postfix/smtp", "nginx/https"})}, "nginx/https, postfix/smtp"),
        ({"drained": True}, "is drained"),
    ],
)
def test_one_that_is_not_is_refused_in_words(change: dict[str, object], says: str):
    assert says in refusal(replace(WELL, **change), NOW)


def test_one_that_was_never_heard_is_refused():
    assert "does not answer" in refusal(None, NOW)


def test_a_drained_node_is_drained_after_a_restart_until_it_is_undrained(tmp_path: Path):
    Planned(str(tmp_path)).drain()
    again = Planned(str(tmp_path))
    assert again.drained
    assert again.why(gives=False, lets_go=False) == "drained by hand"
    again.undrain()
    assert not again.why(gives=False, lets_go=False)
    assert not Planned(str(tmp_path)).drained


def test_while_it_is_handed_over_the_address_stays_until_all_is_ready(tmp_path: Path):
    planned = Planned(str(tmp_path))
    planned.drain()
    assert not planned.why(gives=True, lets_go=False)
    assert planned.why(gives=True, lets_go=True) == "handed over by hand"
