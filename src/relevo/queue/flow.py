"""What has gone through this node's Postfix, hour by hour for a day: from the lines of its journal to counts. Pure.

    accepted    messages taken, from other servers and from our users: Amavis hands each back once when it has passed
    delivered   recipients that a message has reached, in a mailbox here or at another server
    deferred    deliveries that did not succeed and are tried again, each attempt of each recipient
    rejected    messages and recipients refused while the other side was still there

An hour in which Postfix wrote nothing is not an hour without mail: nothing is known of it. The lines are those of
`journalctl --output=short-unix`: seconds since 1970, machine, program[process], text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

KINDS = ("accepted", "delivered", "deferred", "rejected")
HOUR, HOURS = 3600, 25  # the hour that is not over yet, and a day before it
_DELIVERED, _DEFERRED, _FILTER = b"status=sent", b"status=deferred", b"/filter/"
_BACK, _FROM = b"postfix/reinject/smtpd[", b": client="
_REFUSALS = (b": reject: ", b"proxy-reject: ")


class Flow:
    """The counts of this node."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        """Go on from what `kept` has told; raises LookupError, TypeError or ValueError when it is something else."""
        told = {"last": 0.0, "hours": {}, "totals": {}} if told is None else told
        self.last = self._counted = float(told["last"])
        self.hours = {int(hour): [int(count) for count in counts] for hour, counts in told["hours"].items()}
        if not all(len(counts) == len(KINDS) for counts in self.hours.values()):
            raise ValueError("not the counts of this version")
        self.totals = {kind: int(told["totals"].get(kind, 0)) for kind in KINDS}

    def resume(self) -> None:
        """Expect lines from somewhere before the last one on: those that were counted are passed over."""
        self._counted = self.last

    def take(self, lines: Iterable[bytes]) -> None:
        """Count lines, in their order."""
        for line in lines:
            at = _moment(line)
            if at > self._counted:
                self.last = at
                self._count(int(at // HOUR), kind(line))
        self._forget()

    def kept(self) -> dict[str, Any]:
        """Return all that is known, for the disk."""
        return {"last": self.last, "hours": {str(hour): counts for hour, counts in self.hours.items()},
                "totals": self.totals}

    def told(self) -> dict[str, Any]:
        """Return the counts: by when each hour began (seconds since 1970) in the order of KINDS, and since ever."""
        return {"hours": [[hour * HOUR, *counts] for hour, counts in sorted(self.hours.items())],
                "totals": dict(self.totals)}

    def _count(self, hour: int, what: str) -> None:
        counts = self.hours.setdefault(hour, [0] * len(KINDS))
        if what:
            counts[KINDS.index(what)] += 1
            self.totals[what] += 1

    def _forget(self) -> None:
        newest = int(self.last // HOUR)
        self.hours = {hour: counts for hour, counts in self.hours.items() if newest - HOURS < hour <= newest}


def kind(line: bytes) -> str:
    """Return which of KINDS a line tells of, "" when of none."""
    if _DELIVERED in line:
        return "" if _FILTER in line else "delivered"  # to Amavis is not yet anywhere
    if _DEFERRED in line:
        return "deferred"
    if _BACK in line and _FROM in line:
        return "accepted"
    return "rejected" if any(word in line for word in _REFUSALS) else ""


def _moment(line: bytes) -> float:
    """Return when a line was written; 0 for one that goes on from the line before."""
    try:
        return float(line.split(b" ", 1)[0])
    except ValueError:
        return 0.0
