"""The view that garbd keeps on disk: who was in the cluster with it."""

from __future__ import annotations

from pathlib import Path


def parse_members(text: str) -> int:
    """Count the members in the text of `gvwstate.dat`."""
    return sum(line.startswith("member:") for line in text.splitlines())


def members(path: Path, since: float) -> int:
    """Count the members of the view on disk; 0 when there is none, or only one from before `since` (Unix time)."""
    try:
        if path.stat().st_mtime < since:
            return 0
        return parse_members(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0
