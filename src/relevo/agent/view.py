"""What a node knows of itself, as the JSON that `relevo status`, the web and the other agents read.

All times in it are ages in seconds, so that it means the same on a machine with another clock.

    node, time, started       name; its wall clock; seconds since the agent began
    holder, holder_since      whether the virtual IP is here, and for how long
    weight, why, seen         the verdict, in words; `seen` is false until every vital probe has had an outcome
    keepalived                state of its unit, or "" on a node without
    probes                    list of: name, service, vital, good (true, false, null), since, age, succeeded, took, text
    faults                    list of: probe, service, why, local
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from relevo.agent.faults import Fault, name_of
from relevo.agent.probe import Probe
from relevo.agent.standing import Standing
from relevo.agent.verdict import PeerWord

View = dict[str, Any]


def probes(pairs: Iterable[tuple[Probe, Standing]], now: float) -> list[View]:
    """Return how every probe stands."""
    return [_probe(probe, standing, now) for probe, standing in pairs]


def faults(found: Iterable[Fault]) -> list[View]:
    """Return the faults of a node."""
    return [{"probe": fault.probe, "service": fault.service, "why": fault.why, "local": fault.local} for fault in found]


def word(view: Mapping[str, Any], came: float, alive: float) -> PeerWord:
    """Return what the verdict needs of a peer's view that came at `came` and held until `alive`.

    Raises KeyError, TypeError or ValueError when it is no view.
    """
    return PeerWord(
        heard=alive,
        weight=int(view["weight"]),
        holder=bool(view["holder"]),
        ready=view["keepalived"] == "active" and bool(view["seen"]),
        bad=frozenset(str(fault["probe"]) for fault in view["faults"]),
        succeeded={
            str(probe["name"]): came - float(probe["succeeded"])
            for probe in view["probes"] if probe["good"] and probe["succeeded"] is not None
        },
    )


def _probe(probe: Probe, standing: Standing, now: float) -> View:
    last = standing.last
    return {
        "name": name_of(probe),
        "service": probe.service,
        "vital": probe.vital,
        "good": standing.good,
        "since": _age(standing.since, now) if standing.good is not None else None,
        "age": _age(last.at, now) if last else None,
        "succeeded": _age(standing.last_success, now),
        "took": round(last.seconds, 4) if last else None,
        "text": last.text if last else "",
    }


def _age(at: float, now: float) -> float | None:
    return round(now - at, 3) if math.isfinite(at) else None
