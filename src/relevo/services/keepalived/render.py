"""keepalived.conf, the unit's drop-in, and the directory of the weight file."""

from __future__ import annotations

from relevo.agent.verdict import BASE_PRIORITY
from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.keepalived.settings import CONFIG, DROP_IN, TMPFILES


def render(ctx: Context) -> tuple[File, ...]:
    """Return what keepalived reads and how systemd runs it."""
    address = f"{ctx.cluster.vip}/{ctx.cluster.network.subnet.prefixlen}"
    address6 = str(ctx.cluster.network.vip6 or "")
    config = template(
        __package__, "etc/keepalived/keepalived.conf.j2",
        node=ctx.node, instance=wires.VRRP_INSTANCE, weight_file=wires.VRRP_WEIGHT_FILE, base_priority=BASE_PRIORITY,
        interface=ctx.facts.interface, vrrp_id=ctx.cluster.network.vrrp_id, address=address,
        address6=address6,
        advert_seconds=ctx.cluster.failover.paced(ctx.cluster.failover.advert_seconds),
        peers=[other.address for other in ctx.cluster.mail_nodes if other != ctx.node],
    )
    drop_in = template(
        __package__, "etc/systemd/system/keepalived.service.d/relevo.conf.j2",
        address=address, address6=address6, interface=ctx.facts.interface,
    )
    return (
        File(CONFIG, config, check=("keepalived", "-t", "-f", "{}")),
        File(DROP_IN, drop_in),
        File(TMPFILES, template(__package__, "etc/tmpfiles.d/relevo.conf.j2", directory=wires.AGENT_DIRECTORY)),
    )
