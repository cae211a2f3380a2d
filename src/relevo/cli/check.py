"""`relevo check`: is what I wrote right?"""

from __future__ import annotations

from rich.markup import escape

from relevo.alerts.own_ways import remarks, with_ways
from relevo.cli.common import FileOption, cluster_file, prose
from relevo.cluster import load, secrets
from relevo.cluster.own_certificate import with_certificate
from relevo.deploy.rollout import SECRETS_NAME
from relevo.i18n import _


def check(file: FileOption = None) -> None:
    """Read the cluster file, the secrets and notify.urls, and say every mistake in them. No machine is asked."""
    path = cluster_file(file)
    cluster = load.load(path)
    hidden = with_certificate(secrets.read(path.parent / SECRETS_NAME), cluster, path.parent)
    hidden = with_ways(hidden, path.parent)
    nodes = ", ".join(node.name for node in cluster.peers)
    prose.print(
        _("{file}: fine. Cluster {name}, {hostname} on {vip}, machines {nodes}.").format(
            file=path, name=cluster.cluster.name, hostname=cluster.hostname, vip=cluster.vip, nodes=nodes
        )
    )
    for remark in remarks(cluster, hidden):
        prose.print(f"[yellow]{escape(remark)}[/yellow]")
    prose.print(_("Next: relevo plan shows what would change on the machines."))
