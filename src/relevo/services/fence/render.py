"""The tables of nftables, and the unit that loads them."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.cluster.ports import storage_ports
from relevo.services.base import Context, File, template
from relevo.services.fence.settings import FENCE_FILE, GATE_FILE, HANDOVER_FILE, KEPT_FOLDER

_CHECK = ("nft", "--check", "--file", "{}")


def tables(ctx: Context) -> tuple[File, ...]:
    """Return the files that nft reads: the fence everywhere, gate and handover where the virtual IP may be."""
    ports = [port.replace(":", "-") for port in storage_ports(ctx.cluster)]
    fence = template(
        __package__, "etc/relevo/fence.nft.j2", table=wires.FENCE_TABLE, ports=", ".join(ports),
        kind=ctx.cluster.storage.kind, kept=KEPT_FOLDER,
    )
    files = (File(FENCE_FILE, fence, check=_CHECK),)
    if not ctx.node.is_mail:
        return files
    return (File(GATE_FILE, _gate(ctx), check=_CHECK), File(HANDOVER_FILE, _handover(ctx), check=_CHECK), *files)


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files of one node."""
    found = tables(ctx)
    unit = template(
        __package__, f"etc/systemd/system/{wires.FENCE_UNIT}.j2", files=[file.path for file in found], kept=KEPT_FOLDER
    )
    return (*found, File(f"/etc/systemd/system/{wires.FENCE_UNIT}", unit))


def _gate(ctx: Context) -> str:
    ports = wires.GATED_PORTS.replace(",", ", ")
    return template(
        __package__, "etc/relevo/gate.nft.j2", table=wires.GATE_TABLE, vip=ctx.cluster.vip,
        vip6=ctx.cluster.vip6, ports=ports,
    )


def _handover(ctx: Context) -> str:
    other = ctx.cluster.other_mail_node(ctx.node)
    families = [("ip", "ipv4_addr", str(other.address))]
    if ctx.cluster.vip6:
        # a link-local address needs its interface: where the packet came from, for no name is known so early
        families.append(("ip6", "ipv6_addr", f"{wires.handover_hop(other)} device iif"))
    return template(
        __package__, "etc/relevo/handover.nft.j2", table=wires.HANDOVER_TABLE, families=families,
        ports=wires.HANDED_PORTS.replace(",", ", "), vip=ctx.cluster.vip, own=str(ctx.node.address),
        other=str(other.address), lmtp=wires.LMTP_PORT,
    )
