"""What would happen if a machine died now: one sentence each. Pure.

Any one of the three may die: of two mail nodes and the third vote, two must be left, for the database has a majority
only then, and so has the storage (two data bricks and an arbiter).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from relevo.agent.verdict import FAULT
from relevo.cluster.model import Cluster, Node
from relevo.i18n import _
from relevo.operate.answers import Answer

_COPIES = "glusterfs/copies"  # the probe that counts what other copies lack


@dataclass(frozen=True)
class Prospect:
    """What would happen if this machine died now; `safe`: people would go on working."""

    node: str
    text: str
    safe: bool


def prospects(cluster: Cluster, answers: Mapping[str, Answer]) -> tuple[Prospect, ...]:
    """Return what would happen if each machine died now, the active one first."""
    active = active_name(cluster, answers)
    nodes = sorted(cluster.peers, key=lambda node: node.name != active)
    return tuple(_with_copies(_if_died(cluster, node, active, answers), answers) for node in nodes)


def active_name(cluster: Cluster, answers: Mapping[str, Answer]) -> str:
    """Return the mail node that says it has the virtual IP, or nothing."""
    views = ((node.name, answers[node.name].view) for node in cluster.mail_nodes)
    return next((name for name, view in views if view and view["holder"]), "")


def _if_died(cluster: Cluster, node: Node, active: str, answers: Mapping[str, Answer]) -> Prospect:
    if not active:
        return Prospect(node.name, _("no machine is active"), safe=False)
    if node.name == active:
        return _if_active_died(cluster, active, answers)
    return _if_other_died(cluster, node, active, answers)


def _if_active_died(cluster: Cluster, active: str, answers: Mapping[str, Answer]) -> Prospect:
    other = next(node.name for node in cluster.mail_nodes if node.name != active)
    if hindrance := _hindrance(cluster, other, answers):
        text = _("if {active} died now, nobody could take over: {why}").format(active=active, why=hindrance)
        return Prospect(active, text, safe=False)
    if ill := sorted({fault["service"] for fault in (answers[other].view or {})["faults"]}):
        text = _("if {active} died now, {other} would take over, but without {services}")
        return Prospect(active, text.format(active=active, other=other, services=", ".join(ill)), safe=True)
    text = _("if {active} died now, {other} would take over").format(active=active, other=other)
    return Prospect(active, text, safe=True)


def _if_other_died(cluster: Cluster, node: Node, active: str, answers: Mapping[str, Answer]) -> Prospect:
    """Judge the death of a machine that is not active: does the majority hold, and is the mail elsewhere, too?"""
    if node.is_storage and cluster.storage.kind == "nfs":
        text = _("if {node} died now, mail would wait until it is back: it alone has the mail")
        return Prospect(node.name, text.format(node=node.name), safe=False)
    third = next(peer for peer in cluster.peers if peer.name not in {node.name, active})
    counts = _votes(answers[third.name]) if not third.is_mail else _is_member(answers[third.name])
    if not counts:
        text = _("if {node} died now, mail would stop: {active} alone is no majority, for {third} does not vote")
        return Prospect(node.name, text.format(node=node.name, active=active, third=third.name), safe=False)
    text = _("if {node} died now, mail would go on; no second machine may fail until it is back")
    return Prospect(node.name, text.format(node=node.name), safe=True)


def _with_copies(prospect: Prospect, answers: Mapping[str, Answer]) -> Prospect:
    """Add what could not be read, because no other machine has its newest copy."""
    view = answers[prospect.node].view
    behind = next((probe for probe in (view or {}).get("probes", ()) if probe["name"] == _COPIES), None)
    if not behind or behind["good"] is not False:
        return prospect
    text = _("{sentence}, and what others lack could not be read till then ({what})")
    return replace(prospect, text=text.format(sentence=prospect.text, what=behind["text"]))


def _hindrance(cluster: Cluster, other: str, answers: Mapping[str, Answer]) -> str:
    """Return why a machine could not take over, or nothing."""
    view, third = answers[other].view, cluster.storage_node.name
    if view is None:
        return answers[other].problem
    if view["keepalived"] != "active":
        return _("keepalived on {node} is {state}").format(node=other, state=view["keepalived"] or _("unknown"))
    if view["weight"] <= FAULT:
        return f"{other}: {'; '.join(view['why'])}"
    if third != other and not _votes(answers[third]):
        return _("{third} does not vote, and {other} alone is no majority").format(third=third, other=other)
    return ""


def _votes(answer: Answer) -> bool:
    """Tell whether the third machine takes part in the database's majority."""
    return answer.view is not None and not any(
        probe["service"] == "garbd" and probe["good"] is False for probe in answer.view["probes"]
    )


def _is_member(answer: Answer) -> bool:
    """Tell whether a mail node takes part in the database's majority."""
    return answer.view is not None and not any(
        probe["service"] == "mariadb" and probe["good"] is False for probe in answer.view["probes"]
    )
