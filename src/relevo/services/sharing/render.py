"""What relevo-sharing is told, and its unit."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.sharing import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    told = json.dumps(_told(ctx), indent=1, sort_keys=True) + "\n"
    path = f"/etc/systemd/system/{settings.UNIT}"
    unit = File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings))
    return File(settings.CONFIG, told, mode=0o600, secret=True), unit


def _told(ctx: Context) -> dict[str, object]:
    """Return the configuration; its names are explained in `relevo.sharing.settings`."""
    return {
        "socket": wires.MYSQL_SOCKET,
        "database": wires.DATABASE,
        "view": wires.VIEW_SHARED,
        "user": wires.DATABASE_DOVECOT,
        "password": ctx.secrets.reveal("database_dovecot"),
        "rights": wires.SHARING_RIGHTS,
        "map": wires.SHARING_MAP,
        "boxes": wires.SHARING_BOXES,
        "mailboxes": wires.MAILBOX_ROOT,
        "prefix": wires.SHARED_PREFIX,
        "active": wires.QUOTA_LINK,
        "root": wires.FORGET_SOCKET,
        "state": wires.SHARING_STATE,
    }
