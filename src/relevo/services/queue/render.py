"""What relevo-queue-control is told, its socket and its unit."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.queue import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; none of them holds a secret."""
    return socket(ctx), *read_by_the_unit(ctx)


def socket(ctx: Context) -> File:
    """Return the unit of the socket."""
    return _unit(ctx, settings.SOCKET_UNIT)


def read_by_the_unit(ctx: Context) -> tuple[File, ...]:
    """Return what the service reads at its start."""
    told = json.dumps(_told(ctx), indent=1, sort_keys=True) + "\n"
    return File(settings.CONFIG, told), _unit(ctx, settings.UNIT)


def _told(ctx: Context) -> dict[str, object]:
    """Return the configuration; its names are explained in `relevo.queue.settings`."""
    return {
        "node": ctx.node.name,
        "address": str(ctx.node.address),
        "port": wires.QUEUE_PORT,
        "peers": {node.name: str(node.address) for node in ctx.cluster.mail_nodes if node != ctx.node},
        "certificate": wires.AGENT_KEY,
        "socket": wires.QUEUE_SOCKET,
        "users": [wires.WEB_USER],
        "queue": wires.POSTFIX_CONFIGURATION,
        "adopted": wires.ADOPTED_CONFIGURATION,
        "adopted_unit": wires.ADOPTED_UNIT,
        "units": [wires.POSTFIX_UNIT, wires.ADOPTED_UNIT],
        "flow": settings.FLOW,
        "index": wires.TRACE_SOCKET,
    }


def _unit(ctx: Context, name: str) -> File:
    path = f"/etc/systemd/system/{name}"
    other = ctx.cluster.other_mail_node(ctx.node).name
    return File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings, other=other))
