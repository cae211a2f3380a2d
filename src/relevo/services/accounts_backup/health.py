"""What the agent asks the backup: whether the newest copy is of the last night. Not vital."""

from __future__ import annotations

import os
import time

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_FOLDER = "backups/accounts"  # below the state directory
_PREFIX, _SUFFIX = "accounts-", ".sql.gz"
_OLDEST_GOOD_HOURS = 26  # a night, and what a slow one may be late
_HOUR = 3600


def judge(newest: float, now: float) -> str:
    """Return a short word on a copy made at `newest` (Unix time; 0: none); raise ProbeFailed when it is too old."""
    if not newest:
        raise ProbeFailed("there is no copy of the accounts")
    if (hours := (now - newest) / _HOUR) > _OLDEST_GOOD_HOURS:
        raise ProbeFailed(f"the newest copy of the accounts is {hours:.0f} hours old")
    return f"{hours:.0f} h old"


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    folder = f"{config['state_directory']}/{_FOLDER}"

    def check(_: Deadline) -> str:
        with os.scandir(folder) as entries:
            times = [e.stat().st_mtime for e in entries if e.name.startswith(_PREFIX) and e.name.endswith(_SUFFIX)]
        return judge(max(times, default=0.0), time.time())

    return (Probe("accounts backup", "accounts_backup", check, vital=False, every=60, timeout=5),)
