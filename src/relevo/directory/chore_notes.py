"""How a chore that a timer starts has fared, written for the agent (services/quarantine/health.py)."""

from __future__ import annotations

import json
import time
from pathlib import Path


def note(path: Path, *, said: str = "", trouble: str = "") -> None:
    """Write how it is: when, how often it has failed in a row and why, and what was said of the last that went well."""
    before = read(path)
    failures = int(str(before.get("failures", 0))) + 1 if trouble else 0
    told = {
        "at": time.time(), "failures": failures, "trouble": trouble, "said": said or before.get("said", ""),
        "made": time.time() if said else before.get("made", 0.0),
    }
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(path)


def read(path: Path) -> dict[str, object]:
    """Return what was written last; nothing when there is nothing that can be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
