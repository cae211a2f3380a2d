"""Storage served by the storage machine (NFSv4.2): see README.md beside this file."""

from relevo.cluster.model import Cluster
from relevo.services.base import STORAGE, Service


def _wanted(cluster: Cluster) -> bool:
    return "nfs" in cluster.storage.kinds


SERVICE = Service(
    name="nfs", title="storage server (NFSv4.2)", roles=STORAGE, wanted=_wanted
)
