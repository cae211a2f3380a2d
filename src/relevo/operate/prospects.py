"""What would happen if a machine died now: one sentence each. Pure.

Any one of the three may die: of two mail nodes and the third vote, two must be left, for the database has a majority
only then, and so has the storage (two data bricks and an arbiter): `relevo.operate.majority`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from relevo.agent.verdict import FAULT
from relevo.cluster.model import Cluster, Node
from relevo.i18n import _
from relevo.operate.answers import Answer
from relevo.operate.daemon_words import told
from relevo.operate.majority import absence, probe_of

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
    return tuple(_with_copies(cluster, _if_died(cluster, node, active, answers), answers) for node in nodes)


def active_name(cluster: Cluster, answers: Mapping[str, Answer]) -> str:
    """Return the mail node that says it has the virtual IP, or nothing."""
    views = ((node.name, answers[node.name].view) for node in cluster.mail_nodes)
    return next((name for name, view in views if view and view["holder"]), "")


def _if_died(cluster: Cluster, node: Node, active: str, answers: Mapping[str, Answer]) -> Prospect:
    if not active:
        all_answer = all(answers[mail.name].view for mail in cluster.mail_nodes)
        text = _("no machine is active") if all_answer else _("no machine that answers is active")
        return Prospect(node.name, text, safe=False)
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
    if why := absence(third, active, answers):
        text = _("if {node} died now, mail would stop: {active} alone is no majority, for {why}")
        return Prospect(node.name, text.format(node=node.name, active=active, why=why), safe=False)
    return Prospect(node.name, _goes_on(cluster, node, answers).format(node=node.name), safe=True)


def _goes_on(cluster: Cluster, node: Node, answers: Mapping[str, Answer]) -> str:
    if answers[node.name].view is None:
        return _("{node} says nothing; mail goes on without it, and no second machine may fail until it is back")
    if node.is_storage and cluster.dhcp.server != "none":
        return _("if {node} died now, mail would go on, DHCP would not; no second machine may fail until it is back")
    return _("if {node} died now, mail would go on; no second machine may fail until it is back")


def _with_copies(cluster: Cluster, prospect: Prospect, answers: Mapping[str, Answer]) -> Prospect:
    """Add what could not be read, because no other machine has its newest copy."""
    behind = probe_of(answers[prospect.node], _COPIES)
    if not (_is_bad(behind) and _has_alone(cluster, prospect.node, answers)):
        return prospect
    text = _("{sentence}, and what others lack could not be read till then ({what})")
    return replace(prospect, text=text.format(sentence=prospect.text, what=told(behind["text"])))


def _has_alone(cluster: Cluster, name: str, answers: Mapping[str, Answer]) -> bool:
    """Tell whether a machine with copies that others lack may be the only one with their contents.

    The arbiter has none. Of what the arbiter lacks, both mail nodes count the same files, and it counts none.
    """
    node, arbiter = cluster.nodes[name], answers[cluster.storage_node.name]
    if not node.is_mail:
        return False
    other = answers[cluster.other_mail_node(node).name]
    only_arbiter_lacks = _is_bad(probe_of(other, _COPIES)) and probe_of(arbiter, _COPIES).get("good") is True
    return not only_arbiter_lacks


def _hindrance(cluster: Cluster, other: str, answers: Mapping[str, Answer]) -> str:
    """Return why a machine could not take over, or nothing."""
    view, third = answers[other].view, cluster.storage_node
    if view is None:
        return answers[other].problem
    if view["keepalived"] != "active":
        return _("keepalived on {node} is {state}").format(node=other, state=view["keepalived"] or _("unknown"))
    if view["weight"] <= FAULT:
        return f"{other}: {'; '.join(view['why'])}"
    if third.name != other and (why := absence(third, other, answers)):
        return _("{why}, and {other} alone is no majority").format(why=why, other=other)
    return ""


def _is_bad(probe: Mapping[str, Any]) -> bool:
    return probe.get("good") is False
