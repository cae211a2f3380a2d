"""The agent's figures in Prometheus' text format (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from relevo.agent.view import View

_HELP = {
    "relevo_holder": "1 on the node that has the virtual IP",
    "relevo_weight": "what this node gives keepalived; -254 means that it must not have the virtual IP",
    "relevo_probe_good": "1 when the probe succeeds, 0 when it fails",
    "relevo_probe_seconds": "how long its last run took",
    "relevo_peer_age_seconds": "seconds since a peer's agent was heard",
}


def exposition(whole: View) -> str:
    """Return the figures of a whole view (`Node.whole_view`)."""
    lines: list[str] = []
    for name, text in _HELP.items():
        samples = [f"{name}{labels} {value}" for labels, value in _samples(name, whole)]
        if samples:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge", *samples]
    return "\n".join(lines) + "\n"


def _samples(name: str, whole: View) -> Iterator[tuple[str, float]]:
    own = whole["own"]
    if name == "relevo_holder":
        yield "", int(own["holder"])
    elif name == "relevo_weight":
        yield "", own["weight"]
    elif name == "relevo_peer_age_seconds":
        ages = {peer: heard["age"] for peer, heard in whole["peers"].items()}
        yield from ((_labels(peer=peer), age) for peer, age in ages.items() if age is not None)
    else:
        yield from _probe_samples(name, own["probes"])


def _probe_samples(name: str, probes: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    key = "good" if name == "relevo_probe_good" else "took"
    for probe in probes:
        if probe[key] is not None:
            yield _labels(probe=probe["name"], service=probe["service"]), float(probe[key])


def _labels(**labels: str) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
