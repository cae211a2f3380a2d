"""Accounts: see README.md beside this file."""

from relevo.cluster.model import Cluster
from relevo.services.base import MAIL, Service


def _one_after_another(cluster: Cluster) -> tuple[tuple[str, ...], ...]:
    """Two nodes that make the same view at once can hang in Galera for ever, each waiting for the other's statement."""
    return tuple((node.name,) for node in cluster.mail_nodes)


SERVICE = Service(name="directory", title="accounts", roles=MAIL, first=_one_after_another)
