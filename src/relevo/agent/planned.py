"""Planned work: this node gives the virtual IP to the other one on request, once or until it is taken back.

`Planned` keeps what the operator wants; whether it can be had now is `refusal`, a pure function. A drained node stays
behind every other one that may have the virtual IP, over restarts and reboots, and takes it only when nobody else can:
better a machine under repair than none.
"""

from __future__ import annotations

from pathlib import Path

from relevo.agent.verdict import FAULT, PeerWord

SWITCH_OVER, DRAIN, UNDRAIN = "switchover", "drain", "undrain"
FORGIVE = "forgive"  # count earlier failovers no longer; undrain does so, too
FORCED = "-anyway"  # also when the other node is not ready
ORDERS = frozenset({SWITCH_OVER, DRAIN, UNDRAIN, FORGIVE, DRAIN + FORCED})


def refusal(peer: PeerWord | None, now: float) -> str:
    """Return why the other mail node can't take the virtual IP now (on the monotonic clock), "" when it can."""
    if peer is None or not peer.is_fresh(now):
        return "the other mail node does not answer"
    if not peer.ready:
        return "the other mail node has not seen all its services yet, or its keepalived does not run"
    if peer.weight <= FAULT:
        return "the other mail node must not have the virtual IP now: see `relevo status`"
    if peer.bad:
        return f"the other mail node is not well: {', '.join(sorted(peer.bad))}"
    return "the other mail node is drained" if peer.drained else ""


class Planned:
    """Whether this node is drained: a file, so that a reboot does not end it."""

    def __init__(self, state_directory: str) -> None:
        """Take the folder of the file."""
        self._latch = Path(state_directory) / "agent-drained"
        self.drained = self._latch.exists()

    def drain(self) -> None:
        """Stay behind from now on; raises OSError when that can't be kept."""
        self._latch.touch()
        self.drained = True

    def undrain(self) -> None:
        """Count as any other node again; raises OSError."""
        self._latch.unlink(missing_ok=True)
        self.drained = False

    def why(self, *, gives: bool, lets_go: bool) -> str:
        """Why this node stays behind now, "" when it does not.

        While the virtual IP is handed over it keeps it until all is ready; see `relevo.agent.handover`.
        """
        if lets_go:
            return "handed over by hand"
        return "drained by hand" if self.drained and not gives else ""
