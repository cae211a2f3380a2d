"""The row of events that `relevo history` shows."""

from __future__ import annotations

import io

from rich.console import Console

from relevo.cli import history as cli
from relevo.operate.history import Event, History, merge

FOUND = {
    "mail01": [{"at": 100.0, "event": "took", "why": "well"}, {"at": 200.5, "event": "lost", "why": "well"}],
    "storage01": [{"at": 200.25, "event": "cut", "why": "mail01"}],
}


def test_the_events_of_all_machines_are_one_row_by_their_clocks():
    assert merge(FOUND) == (
        Event(100.0, "mail01", "took", "well"), Event(200.25, "storage01", "cut", "mail01"),
        Event(200.5, "mail01", "lost", "well"),
    )


def shown(monkeypatch, found: History, **options: object) -> str:
    out = io.StringIO()
    monkeypatch.setattr(cli, "_ask", lambda _path: found)
    monkeypatch.setattr(cli, "cluster_file", lambda file: file)
    monkeypatch.setattr(cli, "data", Console(file=out, width=140))
    assert cli.history(**{"file": None, "format": "table", "last": 50, **options}) == 0
    return out.getvalue()


def test_each_story_counts_its_own_milliseconds(monkeypatch):
    lines = shown(monkeypatch, History(merge(FOUND), ())).splitlines()
    assert "+0.000 s" in lines[1]
    assert not lines[2].strip()  # a story of its own
    assert "storage01" in lines[3]
    assert "cuts off from the storage" in lines[3]
    assert "+0.250 s" in lines[4]


def test_what_could_not_be_asked_is_said(monkeypatch):
    text = shown(monkeypatch, History((), ("mail02: it does not answer",)))
    assert "Nothing has happened yet." in text
    assert "mail02: it does not answer" in text


def test_only_the_last_ones_are_shown_as_json(monkeypatch):
    text = shown(monkeypatch, History(merge(FOUND), ()), format="json", last=1)
    assert '"event": "lost"' in text
    assert "cut" not in text
