"""What the agent asks: whether owners get their daily lists of refused mail, and hear of posts that wait. Not vital.

relevo-digest and relevo-held say so of themselves. Only the node with the mailboxes does either; on the other one there
is nothing to say.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_FAILURES = 2  # one may be a failover
_LATEST_HOURS = 26  # a day, and what a slow one may be late
_LATEST_MINUTES = 30  # it is started every five, and may take five
_HOUR, _MINUTE = 3600, 60
_ELSEWHERE = "the other node's matter"


@dataclass(frozen=True)
class Notes:
    """What a chore has written of itself: Unix times, failures in a row, sentences."""

    at: float
    made: float
    failures: int
    trouble: str
    said: str


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    chores = {"held": ("held_state", judge_held)}
    if config["digest"] == "yes":
        chores["digest"] = ("digest_state", judge)
    return tuple(
        Probe(name, "quarantine", _check(config, folder, judged), vital=False, every=60, timeout=5)
        for name, (folder, judged) in chores.items()
    )


def _check(
    config: AgentConfig, folder: str, judged: Callable[[str, float, float | None], str]
) -> Callable[[Deadline], str]:
    path, gate, begun = f"{config[folder]}/state.json", config["quota_link"], time.time()

    def check(_deadline: Deadline) -> str:
        since = _since(gate)
        return judged(_text(path), time.time(), None if since is None else max(since, begun))

    return check


def judge(text: str, now: float, since: float | None) -> str:
    """Return what is to be said of the daily lists; raise ProbeFailed when they fail, or none has come for a day.

    Args:
        text: what relevo-digest has written, empty when nothing.
        now: Unix time.
        since: when this node got the mailboxes, or the agent began to look; None when it has not got them.
    """
    if since is None:
        return _ELSEWHERE
    told = _read(text, since)
    if (hours := (now - max(told.made, since)) / _HOUR) > _LATEST_HOURS:
        raise ProbeFailed(f"for {hours:.0f} hours no lists of refused mail have been made: journalctl -u relevo-digest")
    return f"{told.said}, {(now - told.made) / _HOUR:.0f} hours ago" if told.said else "none is due yet"


def judge_held(text: str, now: float, since: float | None) -> str:
    """Return what is to be said of posts that wait; raise ProbeFailed when their lists' owners don't hear of them.

    Args:
        text: what relevo-held has written, empty when nothing.
        now: Unix time.
        since: as in `judge`.
    """
    if since is None:
        return _ELSEWHERE
    told = _read(text, since)
    if (minutes := (now - max(told.at, since)) / _MINUTE) > _LATEST_MINUTES:
        raise ProbeFailed(f"for {minutes:.0f} minutes no owner of a list was told of posts: journalctl -u relevo-held")
    return f"looked {(now - told.at) / _MINUTE:.0f} minutes ago" if told.at else "not looked yet"


def _read(text: str, since: float) -> Notes:
    """Return the notes; raise ProbeFailed when it has failed again and again since this node has the mailboxes."""
    try:
        told = json.loads(text or "{}")
        notes = Notes(
            float(told.get("at", 0)), float(told.get("made", 0)), int(told.get("failures", 0)),
            str(told.get("trouble", "")), str(told.get("said", "")),
        )
    except (ValueError, AttributeError, TypeError):
        raise ProbeFailed(f"it says of itself {text[:60]!r}") from None
    if notes.failures >= _FAILURES and notes.at >= since:
        raise ProbeFailed(notes.trouble[:300])
    return notes


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _since(gate: str) -> float | None:
    try:
        return os.lstat(gate).st_mtime
    except FileNotFoundError:
        return None
