"""Are the figures of the mailboxes' use fresh? relevo-use notes how far it has written; nothing of it is vital."""

from __future__ import annotations

import time
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_OLD_SECONDS = 900  # three turns


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    path = Path(config["use_cursor"])

    def check(_deadline: Deadline) -> str:
        return judge(path, time.time())

    return (Probe("use", "use", check, unit="relevo-use.service", vital=False, every=30, timeout=5),)


def judge(cursor: Path, now: float) -> str:
    """Return what is to be said of the file that is written after each turn; raise ProbeFailed when it is old."""
    try:
        age = now - cursor.stat().st_mtime
    except FileNotFoundError:
        return "the journal is being read for the first time"
    if age > _OLD_SECONDS:
        raise ProbeFailed(
            f"nothing was written for {age / 60:.0f} min: last logins and sizes of mailboxes are that old; "
            "journalctl -u relevo-use"
        )
    return "last logins and sizes of mailboxes are written"
