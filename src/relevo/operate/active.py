"""Find the node that holds the virtual IP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from relevo.cluster.model import Cluster, Node
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.errors import RelevoError, UnreachableError
from relevo.i18n import _


def holders(cluster: Cluster, ssh: Ssh) -> tuple[Node, ...]:
    """Return the mail nodes that have the virtual IP right now: one, none, or (a fault) both."""
    with ThreadPoolExecutor() as pool:
        has = list(pool.map(lambda node: _has_vip(cluster, ssh, node), cluster.mail_nodes))
    return tuple(node for node, holds in zip(cluster.mail_nodes, has, strict=True) if holds)


def active_node(cluster: Cluster, ssh: Ssh) -> Node:
    """Return the node that holds the virtual IP; raise RelevoError when none does."""
    if not (found := holders(cluster, ssh)):
        text = _("no mail node holds the virtual IP {vip}: see `relevo status`")
        raise RelevoError(text.format(vip=cluster.vip))
    return found[0]


def show_vip(vip: str) -> list[str]:
    """Return the command that shows the virtual IP on a machine that holds it, and nothing on any other.

    On lo, with a scope of its own, an old holder may still have it for a while after a switchover.
    """
    return ["ip", "-oneline", "address", "show", "scope", "global", "to", f"{vip}/32"]


def _has_vip(cluster: Cluster, ssh: Ssh, node: Node) -> bool:
    try:
        return bool(ssh.run(node, show_vip(cluster.vip), within=15).strip())
    except (UnreachableError, CommandFailed):
        return False
