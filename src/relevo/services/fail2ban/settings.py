"""Who is never banned, and the packages."""

from __future__ import annotations

from relevo.cluster.model import Cluster
from relevo.services.base import Context

UNIT = "fail2ban.service"


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages: bans are nftables sets, failures are read from the journal."""
    return ("fail2ban", "nftables", "python3-systemd")


def never_banned(cluster: Cluster) -> tuple[str, ...]:
    """Return the addresses that must always get through: this machine, the cluster's, the virtual ones."""
    virtual = (cluster.vip, cluster.vip6) if cluster.vip6 else (cluster.vip,)
    return ("127.0.0.0/8", "::1", *(str(node.address) for node in cluster.peers), *virtual)
