"""Replicated storage (GlusterFS): see README.md beside this file."""

from collections.abc import Sequence

from relevo.cluster.model import Cluster
from relevo.services.base import EVERYWHERE, Service


def _wanted(cluster: Cluster) -> bool:
    return "glusterfs" in cluster.storage.kinds


def _first(cluster: Cluster) -> Sequence[Sequence[str]]:
    """Put the first mail node last: it joins the others together and makes the volume."""
    maker = cluster.mail_nodes[0].name
    return ([node.name for node in cluster.peers if node.name != maker], [maker])


SERVICE = Service(
    name="glusterfs", title="replicated storage (GlusterFS)", roles=EVERYWHERE, wanted=_wanted, first=_first,
)
