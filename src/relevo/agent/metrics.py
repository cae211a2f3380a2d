"""The agents' figures in Prometheus' text format (version 0.0.4), each with the label `node`.

One agent gives those of all machines, as it last heard them. Of a machine that is silent only that is told, and for how
long: what it said before may not be so any more (a dead holder would count as a second one).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from relevo.agent.verdict import FRESH_SECONDS
from relevo.agent.view import View

SILENT_SECONDS = FRESH_SECONDS * 5  # as in `relevo status`
_HELP = {
    "relevo_up": "1 when the node's agent was heard within the last seconds",
    "relevo_peer_age_seconds": "seconds since that node's agent was heard",
    "relevo_mail_node": "1 on a node with the role mail",
    "relevo_holder": "1 on the node that has the virtual IP",
    "relevo_weight": "what this node gives keepalived; -254 means that it must not have the virtual IP",
    "relevo_keepalived": "1 while keepalived runs",
    "relevo_drained": "1 while the node stays behind by order",
    "relevo_gate_open": "1 while clients that read or write mailboxes are heard",
    "relevo_adopts": "1 while the node delivers the queue of the node `of`",
    "relevo_cut_off": "1 for a node that the node `by` keeps away from the mail store",
    "relevo_took_seconds": "seconds since the virtual IP last came to the node",
    "relevo_took_day": "how often the virtual IP came to the node within the last 24 hours",
    "relevo_clock_offset_seconds": "the node's clock less that of the machine that is asked",
    "relevo_up_seconds": "seconds since the machine began",
    "relevo_probe_good": "1 when the probe succeeds, 0 when it fails",
    "relevo_probe_seconds": "how long its last run took",
    "relevo_probe_age_seconds": "seconds since its last run began",
    # what probes count (`relevo.agent.probe.Measured`)
    "relevo_disk_free_ratio": "share of the file system `of` that is free",
    "relevo_inodes_free_ratio": "share of its inodes that is free",
    "relevo_certificate_days": "days until the platform's certificate ends",
    "relevo_copies_reached": "copies of the mail store that the mount is connected to",
    "relevo_files_behind": "files of which another copy of the mail store lacks the newest state",
    "relevo_copy_behind": "of these, as many as were looked at (2,000), those that the copy of the machine `of` lacks",
    "relevo_copy_stuck": "of these, those that wait for long while nothing is copied at all",
    "relevo_store_wait_seconds": "how long a program of the mail's has waited for the mount of the mail store by now",
    "relevo_queue_messages": "messages in the queue of the node `of`, as far as this node delivers it",
    "relevo_mail_flow": "what went through the node's Postfix since it was first counted, `of`: accepted (messages), "
    "delivered, deferred, rejected (recipients); it only grows",
}
Sample = tuple[str, Mapping[str, str], float]  # name, labels, value


def exposition(whole: View) -> str:
    """Return the figures of a whole view (`Node.whole_view`)."""
    rows: dict[str, list[str]] = {name: [] for name in _HELP}
    for name, labels, value in samples(whole):
        rows.setdefault(name, []).append(f"{name}{_labels(labels)} {value:.12g}")
    lines: list[str] = []
    for name, found in rows.items():
        if found:
            lines += [f"# HELP {name} {_HELP.get(name, 'what a probe counted')}", f"# TYPE {name} gauge", *found]
    return "\n".join(lines) + "\n"


def samples(whole: View) -> Iterator[Sample]:
    """Yield every figure of a whole view."""
    own = whole["own"]
    yield from _of_node(own["node"], own, {"age": 0.0, "view_age": 0.0}, own)
    for node, heard in whole["peers"].items():
        yield from _of_node(node, heard["view"], heard, own)


def _of_node(node: str, view: View | None, heard: Mapping[str, Any], own: View) -> Iterator[Sample]:
    age = heard["age"]
    up = view is not None and age is not None and age <= SILENT_SECONDS
    yield "relevo_up", {"node": node}, float(up)
    if age is not None:
        yield "relevo_peer_age_seconds", {"node": node}, age
    if not up or view is None:
        return
    # an agent of another version may say it in another way: then what it says so far counts
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        yield from _said(node, view)
        offset = view["time"] - (own["time"] - heard["view_age"])
        yield "relevo_clock_offset_seconds", {"node": node}, round(offset, 3)
        yield from _probes(node, view["probes"], heard["view_age"])


def _said(node: str, view: View) -> Iterator[Sample]:
    one, guard, is_mail = {"node": node}, view["guard"], view["keepalived"] != ""
    yield "relevo_mail_node", one, float(is_mail)
    if view.get("up") is not None:
        yield "relevo_up_seconds", one, view["up"]
    for other in guard["cut"]:
        yield "relevo_cut_off", {"node": str(other), "by": node}, 1.0
    if not is_mail:
        return
    yield "relevo_holder", one, float(view["holder"])
    yield "relevo_weight", one, view["weight"]
    yield "relevo_keepalived", one, float(view["keepalived"] == "active")
    yield "relevo_drained", one, float(view["drained"])
    yield "relevo_gate_open", one, float(guard["open"])
    if guard["adopts"]:
        yield "relevo_adopts", {**one, "of": guard["adopts"]}, 1.0
    took = view["took"]
    yield "relevo_took_day", one, took["day"]
    if took["last"] is not None:
        yield "relevo_took_seconds", one, took["last"]


def _probes(node: str, probes: list[dict[str, Any]], view_age: float) -> Iterator[Sample]:
    for probe in probes:
        vital = "yes" if probe["vital"] else "no"
        labels = {"node": node, "service": probe["service"], "probe": probe["name"], "vital": vital}
        if probe["good"] is not None:
            yield "relevo_probe_good", labels, float(probe["good"])
        if probe["took"] is not None:
            yield "relevo_probe_seconds", labels, probe["took"]
        if probe["age"] is not None:
            yield "relevo_probe_age_seconds", labels, round(probe["age"] + view_age, 3)
        yield from _figures(node, probe.get("figures", {}))


def _figures(node: str, figures: Mapping[str, Mapping[str, float]]) -> Iterator[Sample]:
    for name, values in figures.items():
        for of, value in values.items():
            yield f"relevo_{name}", {"node": node, **({"of": of} if of else {})}, value


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
