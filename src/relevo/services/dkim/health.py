"""Are the keys that sign those of the database? relevo-dkim says so of itself.

Nothing of it is vital: mail is signed with the keys that are there.
"""

from __future__ import annotations

import time
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Probe, demand_well

_OLD_SECONDS = 60  # it says how it is every five


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    path = f"{config['dkim_state']}/state.json"

    def check(_deadline: Deadline) -> str:
        return judge(Path(path).read_text(encoding="utf-8"), time.time())

    return (Probe("dkim", "dkim", check, unit="relevo-dkim.service", vital=False, every=15, timeout=5),)


def judge(text: str, now: float) -> str:
    """Return what is to be said of the state; raise ProbeFailed when the keys may not be those of the database."""
    demand_well(text, now, _OLD_SECONDS)
    return "the keys are those of the database"
