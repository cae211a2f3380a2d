"""When the virtual IP came or went during a drill, as the agents noted it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from relevo.agent.history import DEMOTED, LOST, TOOK
from relevo.cluster.wires import ASK_AGENT
from relevo.drills.nodes import Node
from relevo.errors import RelevoError

_MOVES = frozenset({DEMOTED, LOST, TOOK})


def moves(nodes: Sequence[Node], since: float) -> list[float]:
    """Return the moments since then (monotonic seconds here) at which it came or went, of the nodes that answer.

    The machines' clocks are this one's to within milliseconds in the lab, and to within what NTP leaves elsewhere.
    """
    ahead = time.time() - time.monotonic()
    found = [moment for node in nodes for moment in _of(node, ahead)]
    return sorted(moment for moment in found if moment >= since)


def _of(node: Node, ahead: float) -> Iterator[float]:
    with suppress(RelevoError, ValueError, KeyError, TypeError):
        for event in json.loads(node.run(*ASK_AGENT, "history")):
            if event["event"] in _MOVES:
                yield float(event["at"]) - ahead
