"""How long the queues are: the child that counts and the probe that asks it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from relevo.agent.probe import Deadline, NoAnswer
from relevo.services.agent.render import render
from relevo.services.postfix import queue_count, queue_probe
from relevo.services.postfix.health import queues
from relevo.services.postfix.queue_probe import QueueProbe


def make(queue: Path, *messages: str) -> Path:
    for name in ("active", "deferred", "hold", "incoming", "maildrop"):
        (queue / name).mkdir(parents=True, exist_ok=True)
    for message in messages:
        path = queue / message
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return queue


def test_messages_are_counted_wherever_they_wait(tmp_path: Path):
    queue = make(tmp_path / "q", "active/4XyZ", "deferred/4/4XyA", "deferred/5/5XyB", "incoming/1", "maildrop/2")
    assert queue_count.count(str(queue)) == 5
    assert queue_count.count(str(tmp_path / "not mounted")) is None


def test_counting_ends_somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    queue = make(tmp_path / "q", *(f"active/{number}" for number in range(9)))
    monkeypatch.setattr(queue_count, "MOST", 5)
    assert queue_count.count(str(queue)) == 5


def test_the_probe_tells_the_queues_that_are_there(tmp_path: Path):
    own = make(tmp_path / "own", "active/1")
    probe = QueueProbe({"mail01": str(own), "mail02": str(tmp_path / "adopted")}, every=0.05)
    try:
        until_said(probe, "1 of mail01")
        make(tmp_path / "adopted", "deferred/a/1", "deferred/a/2")
        assert until_said(probe, "1 of mail01, 2 of mail02").figures == {"queue_messages": {"mail01": 1, "mail02": 2}}
        make(own, "active/2")
        until_said(probe, "2 of mail01, 2 of mail02")
    finally:
        probe.close()


def test_a_child_that_died_is_followed_by_another(tmp_path: Path):
    own = make(tmp_path / "own", "active/1")
    probe = QueueProbe({"mail01": str(own)}, every=0.05)
    try:
        until_said(probe, "1 of mail01")
        probe.close()
        make(own, "active/2")
        until_said(probe, "2 of mail01")
    finally:
        probe.close()


def until_said(probe: QueueProbe, text: str):
    end = time.monotonic() + 20
    while (said := probe.check(Deadline(1))) != text:
        assert time.monotonic() < end, said
        time.sleep(0.02)
    return said


def test_a_child_that_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue_probe, "SILENT_SECONDS", -1.0)
    probe = QueueProbe({"mail01": str(tmp_path)}, every=60)
    try:
        with pytest.raises(NoAnswer):
            probe.check(Deadline(1))
    finally:
        probe.close()


def test_the_other_queue_is_looked_for_where_it_is_adopted(context):
    config = json.loads(render(context("mail01"))[0].data)
    assert queues(config) == {"mail01": "/srv/mail/queue/mail01", "mail02": "/srv/adopted/queue/mail02"}
