"""Whether the platform is whole again: what must be true before the next fault is a fair one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from relevo.cluster.model import Cluster
from relevo.cluster.wires import RELEVO_COMMAND
from relevo.deploy.shell import CommandFailed
from relevo.drills.nodes import Node
from relevo.errors import RelevoError
from relevo.operate.copies import HEAL, unhealed

_COPIES = "glusterfs"
_MEMBERS = "3"  # two databases and garbd


def ailments(cluster: Cluster, nodes: dict[str, Node]) -> list[str]:
    """Return what is not well, one short sentence each; empty when the platform is whole.

    Both mail nodes say what their agents know of all machines (`relevo status`); database and storage are asked too,
    since a copy that is still behind is no fault to an agent.
    """
    mail = [nodes[node.name] for node in cluster.mail_nodes]
    with ThreadPoolExecutor() as pool:
        found = [trouble for troubles in pool.map(_ailments_of, mail) for trouble in troubles]
        holders = [node.name for node, holds in zip(mail, pool.map(Node.holds_vip, mail), strict=True) if holds]
    if len(holders) != 1:
        found.append(f"the virtual IP is on {' and '.join(holders) or 'no node'}")
    if cluster.storage.kind == "glusterfs" and not found:
        found += _unhealed(mail[0])
    return list(dict.fromkeys(found))


def _ailments_of(node: Node) -> list[str]:
    try:
        own = [*_database_troubles(node), *(["is drained"] if node.is_drained() else [])]
        return [*_problems(node), *(f"{node.name}: {trouble}" for trouble in own)]
    except RelevoError as error:
        return [f"{node.name}: {error}"]


def _problems(node: Node) -> list[str]:
    said = node.run("sh", "-c", '"$0" status --format json; true', RELEVO_COMMAND, within=30)  # exits 1 when not fine
    try:
        report = json.loads(said)
        return [*map(str, report["problems"]), *_copies_missed(report)]
    except (ValueError, KeyError):
        return [f"{node.name}: relevo status says {said.strip()[:200] or 'nothing'}"]


def _copies_missed(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield which mount or self-heal daemon has not found every copy again: it would not bear another loss."""
    for machine in report["machines"]:
        for check in machine["checks"]:
            if check["service"] == _COPIES and check["good"] is False:
                yield f"{machine['name']}: {check['name']}: {check['text']}"


def _database_troubles(node: Node) -> Iterator[str]:
    query = "SHOW STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size')"
    rows = dict(line.split("\t") for line in node.run("mariadb", "-NBe", query).splitlines())
    if (state := rows.get("wsrep_local_state_comment")) != "Synced":
        yield f"database is {state}"
    if (size := rows.get("wsrep_cluster_size")) != _MEMBERS:
        yield f"database cluster has {size} members"


def _unhealed(node: Node) -> list[str]:
    try:
        return [f"storage: {trouble}" for trouble in unhealed(lambda *words: node.run(*HEAL, *words, within=30))]
    except CommandFailed as error:
        return [str(error)]
