"""What the agent asks: whether the daily lists of refused mail are sent. relevo-digest says so of itself. Not vital.

Only the node with the mailboxes sends them; on the other one there is nothing to say.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_FAILURES = 2  # one may be a failover
_LATEST_HOURS = 26  # a day, and what a slow one may be late
_HOUR = 3600


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    if config["digest"] != "yes":
        return ()
    path, gate, begun = f"{config['digest_state']}/state.json", config["quota_link"], time.time()

    def check(_deadline: Deadline) -> str:
        since = _since(gate)
        return judge(_text(path), time.time(), None if since is None else max(since, begun))

    return (Probe("digest", "quarantine", check, vital=False, every=60, timeout=5),)


def judge(text: str, now: float, since: float | None) -> str:
    """Return what is to be said of the daily lists; raise ProbeFailed when they fail, or none has come for a day.

    Args:
        text: what relevo-digest has written, empty when nothing.
        now: Unix time.
        since: when this node got the mailboxes, or the agent began to look; None when it has not got them.
    """
    if since is None:
        return "the other node's matter"
    try:
        told = json.loads(text or "{}")
        failures, at, made = int(told.get("failures", 0)), float(told.get("at", 0)), float(told.get("made", 0))
        trouble, said = str(told.get("trouble", "")), str(told.get("said", ""))
    except (ValueError, AttributeError, TypeError):
        raise ProbeFailed(f"it says of itself {text[:60]!r}") from None
    if failures >= _FAILURES and at >= since:
        raise ProbeFailed(trouble[:300])
    if (hours := (now - max(made, since)) / _HOUR) > _LATEST_HOURS:
        raise ProbeFailed(f"for {hours:.0f} hours no lists of refused mail have been made: journalctl -u relevo-digest")
    return f"{said}, {(now - made) / _HOUR:.0f} hours ago" if said else "none is due yet"


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
