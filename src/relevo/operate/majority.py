"""Whether a machine would make a majority with the one that serves: in the database, and of the copies of mail. Pure.

Of two mail nodes and the storage machine two must be there. A machine that answers need not count: its database may
have left the cluster, it may be cut off from the storage, and the mount of who serves may have lost its copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relevo.cluster.model import Node
from relevo.i18n import _
from relevo.operate.answers import Answer

_MOUNT, _DAEMON = "glusterfs/mount", "glusterfs/glusterd"
_WITHOUT_ONE = "2 copies"  # what the mount's probe says when one machine's copy does not answer


def absence(node: Node, serving: str, answers: Mapping[str, Answer]) -> str:
    """Return why a machine would not make a majority with `serving`, in words; nothing when it would."""
    if not _votes(node, answers[node.name]):
        return _("{node} does not vote").format(node=node.name)
    if any(node.name in answer.view.get("guard", {}).get("cut", ()) for answer in answers.values() if answer.view):
        return _("{node} is cut off from the storage").format(node=node.name)
    if _lacks_copy(node, answers[node.name], answers[serving]):
        text = _("{serving} has no connection to the copy of the mail on {node}")
        return text.format(serving=serving, node=node.name)
    return ""


def probe_of(answer: Answer, name: str) -> Mapping[str, Any]:
    """Return how a probe stands on a machine; nothing when it is not known there."""
    probes: tuple[Mapping[str, Any], ...] = (answer.view or {}).get("probes", ())
    return next((probe for probe in probes if probe["name"] == name), {})


def _votes(node: Node, answer: Answer) -> bool:
    """Tell whether a machine takes part in the database's majority."""
    service = "mariadb" if node.is_mail else "garbd"
    return answer.view is not None and not any(
        probe["service"] == service and probe["good"] is False for probe in answer.view["probes"]
    )


def _lacks_copy(node: Node, answer: Answer, serving: Answer) -> bool:
    """Tell whether the mount of the machine that serves does without the copy on `node`."""
    mount = probe_of(serving, _MOUNT)
    if mount.get("good") is False:
        return str(node.address) in mount["text"].replace(",", " ").split()
    is_down = probe_of(answer, _DAEMON).get("good") is False
    return is_down and mount.get("text") == _WITHOUT_ONE
