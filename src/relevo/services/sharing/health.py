"""Does Dovecot know who shares which mailbox? relevo-sharing says so of itself.

Nothing of it is vital: who shared a mailbox before goes on.
"""

from __future__ import annotations

import time
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Probe, demand_well

_OLD_SECONDS = 60  # it says how it is every two


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    path = f"{config['sharing_state']}/state.json"

    def check(_deadline: Deadline) -> str:
        return judge(Path(path).read_text(encoding="utf-8"), time.time())

    return (Probe("sharing", "sharing", check, unit="relevo-sharing.service", vital=False, every=15, timeout=5),)


def judge(text: str, now: float) -> str:
    """Return what is to be said of the state; raise ProbeFailed when Dovecot may not know what the database says."""
    demand_well(text, now, _OLD_SECONDS)
    return "Dovecot knows what the database says"
