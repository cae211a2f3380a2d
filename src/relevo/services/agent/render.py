"""What the agent reads, and its unit."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.cluster.model import Cluster, Node
from relevo.cluster.ports import storage_ports
from relevo.services import SERVICES
from relevo.services.agent import identity
from relevo.services.agent.settings import KEY_FILE, UNIT
from relevo.services.base import Context, File, template


def render(ctx: Context) -> tuple[File, ...]:
    """Return the agent's configuration, its key and its unit."""
    unit = template(
        __package__, f"etc/systemd/system/{UNIT}.j2", python=wires.RELEVO_PYTHON, weight_file=wires.VRRP_WEIGHT_FILE,
        is_mail=ctx.node.is_mail, failover=ctx.cluster.failover,
    )
    return (
        File(wires.AGENT_CONFIG, json.dumps(_config(ctx), indent=1, sort_keys=True) + "\n", mode=0o600, secret=True),
        File(KEY_FILE, identity.make(ctx.secrets.reveal("agent_token")), mode=0o600, secret=True),
        File(f"/etc/systemd/system/{UNIT}", unit),
    )


def _config(ctx: Context) -> dict[str, str]:
    """Return the flat configuration; its names are explained in `relevo.agent.settings`."""
    cluster, node = ctx.cluster, ctx.node
    return {
        **_wires(),
        "node": node.name,
        "roles": _roles(node),
        "address": str(node.address),
        "interface": ctx.facts.interface,
        "vip": cluster.vip,
        "prefix": str(cluster.network.subnet.prefixlen),
        **_six(cluster, node),
        "hostname": cluster.hostname,
        "fpm_unit": ctx.facts.release.fpm_unit,
        "domain": cluster.domain,
        "probe_user": wires.probe_mailbox(node.name, cluster),
        "probe_password": ctx.secrets.reveal("probe_mailbox"),
        "database_user": wires.DATABASE_AGENT,
        "database_password": ctx.secrets.reveal("database_agent"),
        "storage_kind": cluster.storage.kind,
        "storage_brick": cluster.storage.brick,
        "storage_copies": ",".join(owner.name for owner in (*cluster.mail_nodes, cluster.storage_node)),
        "storage_ports": ",".join(storage_ports(cluster)),
        "signatures": cluster.filter.signatures,
        "digest": "yes" if cluster.filter.sends_digest else "no",
        "alerts": "yes" if cluster.alerts.enabled else "no",
        "priority": str(node.priority),
        "preferred": "yes" if node == cluster.mail_nodes[0] else "no",
        "failback": cluster.failover.failback,
        "patience": cluster.failover.paced(1),
        "peers": json.dumps([_peer(other) for other in cluster.peers if other != node]),
        "services": ",".join(service.name for service in SERVICES if service.runs_on(cluster, node)),
        "agent_certificate": KEY_FILE,
    }


def _six(cluster: Cluster, node: Node) -> dict[str, str]:
    """Return what is known of IPv6, nothing when the cluster has no virtual IP of it."""
    if not (cluster.network.vip6 and node.is_mail):
        return {}
    network = str(cluster.network.vip6.network)
    return {"vip6": cluster.vip6, "vip6_network": network, "handover_hop": wires.handover_hop(node)}


def _wires() -> dict[str, str]:
    """Return the plain constants of the wires, in lower case, for probes, which can't import that module."""
    return {
        name.lower(): str(value)
        for name, value in vars(wires).items()
        if name.isupper() and isinstance(value, (str, int))
    }


def _peer(node: Node) -> dict[str, str]:
    return {"node": node.name, "address": str(node.address), "roles": _roles(node)}


def _roles(node: Node) -> str:
    return ",".join(sorted(node.roles))
