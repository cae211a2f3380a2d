"""What the agents noted during a drill: when the virtual IP came or went, and all of it, for a check that failed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from relevo.agent.history import DEMOTED, LOST, TOOK
from relevo.cluster.wires import ASK_AGENT
from relevo.drills.nodes import Node
from relevo.errors import RelevoError
from relevo.operate.history import Event, merge

BEFORE_SECONDS, AFTER_SECONDS = 3.0, 15.0  # of a moment: what is told about it

_MOVES = frozenset({DEMOTED, LOST, TOOK})


def events(nodes: Sequence[Node]) -> tuple[Event, ...]:
    """Return what the nodes that answer have noted, oldest first, in seconds since 1970.

    The machines' clocks are this one's to within milliseconds in the lab, and to within what NTP leaves elsewhere.
    """
    found = {}
    for node in nodes:
        with suppress(RelevoError, ValueError):
            found[node.name] = json.loads(node.run(*ASK_AGENT, "history"))
    return merge(found)


def wall(moment: float) -> float:
    """Return a moment of the monotonic clock in seconds since 1970."""
    return moment + time.time() - time.monotonic()


def moves(noted: Iterable[Event], since: float) -> list[float]:
    """Return the moments (seconds since 1970) from `since` on at which the virtual IP came or went."""
    return [event.at for event in noted if event.event in _MOVES and event.at >= since]


def around(noted: Iterable[Event], moment: float) -> list[str]:
    """Return the events around a moment (seconds since 1970), a line each, timed from it."""
    near = (event for event in noted if -BEFORE_SECONDS <= event.at - moment <= AFTER_SECONDS)
    return [f"{event.at - moment:+7.3f} s {event.node} {event.event}: {event.why}" for event in near]
