"""Does Dovecot know who shares which mailbox? relevo-sharing says so of itself.

Nothing of it is vital: who shared a mailbox before goes on.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

_OLD_SECONDS = 60  # it says how it is every two


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""
    path = f"{config['sharing_state']}/state.json"

    def check(_deadline: Deadline) -> str:
        return judge(Path(path).read_text(encoding="utf-8"), time.time())

    return (Probe("sharing", "sharing", check, unit="relevo-sharing.service", vital=False, every=15, timeout=5),)


def judge(text: str, now: float) -> str:
    """Return what is to be said of the state; raise ProbeFailed when Dovecot may not know what the database says."""
    try:
        told = json.loads(text)
        at, trouble = float(told["at"]), str(told["trouble"])
    except (ValueError, LookupError, TypeError):
        raise ProbeFailed(f"it says of itself {text[:60]!r}") from None
    if trouble:
        raise ProbeFailed(trouble[:300])
    if now - at > _OLD_SECONDS:
        raise ProbeFailed(f"it has said nothing of itself for {now - at:.0f} s")
    return "Dovecot knows what the database says"
