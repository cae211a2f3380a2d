"""What relevo-use is told, and its unit."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.use import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; the one that it reads holds the password of its account."""
    told = json.dumps(_told(ctx), indent=1, sort_keys=True) + "\n"
    path = f"/etc/systemd/system/{settings.UNIT}"
    unit = template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings)
    return File(settings.CONFIG, told, mode=0o600, secret=True), File(path, unit)


def _told(ctx: Context) -> dict[str, object]:
    """Return the configuration; its names are explained in `relevo.use.settings`."""
    cluster = ctx.cluster
    probes = (wires.probe_mailbox(node.name, cluster) for node in cluster.mail_nodes)
    return {
        "node": ctx.node.name,
        "socket": wires.MYSQL_SOCKET,
        "database": wires.DATABASE,
        "user": wires.DATABASE_USE,
        "password": ctx.secrets.reveal("database_use"),
        "mailboxes": wires.VIEW_MAILBOXES,
        "units": list(settings.UNITS),
        "ignored": sorted((*probes, wires.quarantine_mailbox(cluster.domain))),
        "active": wires.QUOTA_LINK,
        "cursor": settings.CURSOR,
        "every": settings.EVERY,
        "journal_days": settings.JOURNAL_DAYS,
        "device_days": settings.DEVICE_DAYS,
        "most_devices": settings.MOST_DEVICES,
    }
