"""Which way messages took, out of the journals of both mail nodes; each search leaves an audit entry.

A global administrator sees everything; one of some domains what is from these, and of other messages what happened to
recipients in these. None for an administrator stands for who runs a command on a node, as root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relevo.cluster.wires import QUEUE_SOCKET
from relevo.directory import audit, scope
from relevo.directory.database import changing
from relevo.directory.models import ADDRESS_LENGTH, Administrator
from relevo.directory.trace.filters import Filters, about, detail, question
from relevo.directory.trace.traces import Node, Trace, node, trace
from relevo.errors import DirectoryError, QueueError, UnavailableError
from relevo.i18n import _
from relevo.queue import ask
from relevo.trace.questions import KEY

MOST_ROWS = 200  # on one page


@dataclass(frozen=True)
class Found:
    """What was found, the newest first; `next` is where the next page begins, empty when there is none."""

    traces: Sequence[Trace]
    nodes: Sequence[Node]
    next: str
    warnings: Sequence[str] = ()

    @property
    def troubles(self) -> list[str]:
        """What is not known, and why, in sentences."""
        return [*(one.trouble for one in self.nodes if one.trouble), *self.warnings]

    @property
    def is_whole(self) -> bool:
        """Whether both nodes have looked through all they have."""
        return not any(one.trouble for one in self.nodes)


def search(administrator: Administrator | None, filters: Filters) -> Found:
    """Return the traces that an administrator sees; a node that can't be asked is one of `nodes`."""
    looked_for = {**question(filters), "limit": filters.limit}
    warnings = _noted(administrator, "trace.search", about(filters), detail(filters))
    return _found(administrator, looked_for, warnings)


def find(administrator: Administrator | None, number: str) -> tuple[Trace, Found]:
    """Return a trace with all that happened, and how far the nodes could be asked.

    Raises:
        QueueError: it was not found, and not every node could be asked.
        DirectoryError: it is not there.
    """
    if not KEY.fullmatch(number):
        raise DirectoryError(_("{number!r} is not the id of a trace").format(number=number))
    warnings = _noted(administrator, "trace.show", number[:ADDRESS_LENGTH], {})
    seen = _found(administrator, {"words": [["key", number]], "whole": True, "limit": 1}, warnings)
    if seen.traces:
        return seen.traces[0], seen
    if not seen.is_whole:
        raise QueueError(" ".join(seen.troubles))
    raise DirectoryError(
        _("there is no trace {number}: it is too old, or not among what you look after").format(number=number)
    )


def _found(administrator: Administrator | None, looked_for: dict[str, Any], warnings: Sequence[str]) -> Found:
    if administrator:
        looked_for["domains"] = scope.queue_domains(administrator)
    told = _asked(looked_for)
    following = f"{told['next'][0]}.{told['next'][1]}" if told["next"] else ""
    return Found([trace(one) for one in told["traces"]], [node(one) for one in told["nodes"]], following, warnings)


def _asked(looked_for: dict[str, Any]) -> dict[str, Any]:
    """Ask relevo-queue-control of this node, which asks both indexes; raise QueueError when it can't, or won't."""
    try:
        told = ask.ask({"do": "trace", "trace": looked_for}, QUEUE_SOCKET)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or error
        raise QueueError(
            _("traces can't be asked for on this node ({reason}): `systemctl status relevo-queue-control`")
            .format(reason=reason)
        ) from None
    if "refused" in told:
        raise QueueError(_("traces can't be told: {reason}").format(reason=told["refused"]))
    return told


# --- who asked ------------------------------------------------------------------------------------------------------
def _noted(administrator: Administrator | None, action: str, about: str, told: dict[str, str]) -> list[str]:
    """Note who looks for what, before it is told; root on a node is only warned when that can't be noted.

    It is when the database is away that mail is stuck, and who is root can read the journal anyway.
    """
    try:
        _note(action, about, told)
    except UnavailableError as error:
        if administrator:
            raise
        return [_("The audit log has no entry of this search: {reason}").format(reason=error)]
    return []


@changing
def _note(action: str, about: str, told: dict[str, str]) -> None:
    audit.record(action, about, **told)
