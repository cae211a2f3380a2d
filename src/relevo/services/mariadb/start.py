"""Decide how a database server is started: join, or begin a cluster. Pure.

Invariant: a cluster is begun only by a node of which it is certain that no other cluster exists: none that runs, none
on another node's disk. When that can't be known, nothing is started and the operator is told why. A wrong yes would
make two databases with the same name; a wrong no costs one command.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from relevo.i18n import _, gettext_noop
from relevo.services.mariadb.position import SavedState

_RECOVER = gettext_noop(
    "when both mail nodes are on, their agents begin it within a minute; else run `relevo recover database`"
)


class Answer(Enum):
    """What came back from another machine's Galera port."""

    SPEAKS = "speaks"
    REFUSES = "refuses"  # the machine is up, and nothing listens there
    SILENT = "silent"  # nothing came back: it may be off, or cut off from us


class How(Enum):
    """How the server is started."""

    JOIN = "join"
    BEGIN = "begin"
    NOT = "not"


@dataclass(frozen=True)
class Seen:
    """What this node sees before it starts its database."""

    state: SavedState
    keeps_view: bool
    others: tuple[Answer, ...]  # the other mail nodes
    witness: Answer  # garbd on the storage machine
    noted: bool  # the shared storage says that a cluster was made
    preferred: bool  # this is the node that begins a new platform's cluster


@dataclass(frozen=True)
class Decision:
    """How to start, and the sentence that says why."""

    how: How
    why: str


def decide(seen: Seen) -> Decision:
    """Return how to start a server that does not run."""
    if Answer.SPEAKS in seen.others:
        return Decision(How.JOIN, _("joins the other node"))
    if seen.keeps_view:
        return Decision(How.JOIN, _("finds its last companions again"))
    if (objection := _objection(seen)) is not None:
        return Decision(How.NOT, objection)
    why = "was the last to leave: goes on from there" if seen.state.is_member else "begins the cluster"
    return Decision(How.BEGIN, why)


def _objection(seen: Seen) -> str | None:
    """Say why this node must not begin a cluster, or None when nothing speaks against it."""
    if seen.state.is_member and not seen.state.safe_to_bootstrap:
        return _("no other node runs and this one was not the last to leave: {recover}").format(recover=_(_RECOVER))
    if not seen.state.is_member and seen.noted:
        text = _("a cluster exists, but none of its nodes runs: start one of them, or {recover}")
        return text.format(recover=_(_RECOVER))
    if not seen.state.is_member and not seen.preferred:
        return _("the preferred mail node begins the cluster, and its database does not run yet")
    if Answer.SILENT in (*seen.others, seen.witness):
        return _("another machine does not answer, so nobody knows whether a cluster runs there: start that machine")
    if seen.witness is Answer.SPEAKS:
        return _("garbd is alone in the old cluster, which nobody can join: {recover}").format(recover=_(_RECOVER))
    return None


def decide_restart(size: int, other_data_nodes: int, *, primary: bool) -> Decision:
    """Return how to restart a server that runs, given its cluster's size and how many other members hold data."""
    if not primary or other_data_nodes:
        return Decision(How.JOIN, _("leaves and joins again"))
    if size == 1:
        return Decision(How.BEGIN, _("is alone: goes on as the first of the cluster"))
    return Decision(
        How.NOT,
        _("is the only node with data, and a restart would leave garbd alone in a cluster that nobody can join: start "
        "the other mail node's database first"),
    )
