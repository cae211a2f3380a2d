"""Database (MariaDB Galera): see README.md beside this file."""

from collections.abc import Sequence

from relevo.cluster.model import Cluster
from relevo.services.base import MAIL, Service


def _first(cluster: Cluster) -> Sequence[Sequence[str]]:
    """Put the preferred node first: it starts the cluster that the others join."""
    return [[node.name] for node in cluster.mail_nodes]


SERVICE = Service(name="mariadb", title="database (MariaDB Galera)", roles=MAIL, first=_first)
