"""What Galera left on disk about this node's place in the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NO_UUID = "00000000-0000-0000-0000-000000000000"
_UNKNOWN = -1


@dataclass(frozen=True)
class SavedState:
    """What `grastate.dat` says.

    `seqno` is -1 while the server runs and after a crash; `safe_to_bootstrap`: this node was the last to leave.
    """

    uuid: str = NO_UUID
    seqno: int = _UNKNOWN
    safe_to_bootstrap: bool = False

    @property
    def is_member(self) -> bool:
        """Tell whether this node has been part of a cluster, with data of it."""
        return self.uuid != NO_UUID


def parse_state(text: str) -> SavedState:
    """Read the text of `grastate.dat`; what is missing or damaged counts as never having been a member."""
    parts = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    words = {name.strip(): value.strip() for name, _, value in parts}
    try:
        return SavedState(words["uuid"], int(words["seqno"]), words.get("safe_to_bootstrap") == "1")
    except (KeyError, ValueError):
        return SavedState()


def read_state(data: Path) -> SavedState:
    """Read the state of the server whose data directory that is."""
    try:
        return parse_state((data / "grastate.dat").read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return SavedState()


def keeps_view(data: Path) -> bool:
    """Tell whether the server knows its last companions (`gvwstate.dat`): then they find together by themselves."""
    return (data / "gvwstate.dat").exists()
