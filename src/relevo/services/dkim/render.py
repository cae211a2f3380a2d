"""What relevo-dkim is told, its unit, and those of the next step."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.dkim import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    return *read_by_the_unit(ctx), *of_the_step()


def read_by_the_unit(ctx: Context) -> tuple[File, ...]:
    """Return what relevo-dkim reads at its start."""
    told = json.dumps(_told(ctx), indent=1, sort_keys=True) + "\n"
    return File(settings.CONFIG, told, mode=0o600, secret=True), _unit(settings.UNIT)


def of_the_step() -> tuple[File, ...]:
    """Return the timer of the next step of each key, timer first."""
    return _unit(settings.STEP_TIMER), _unit(settings.STEP_UNIT)


def _told(ctx: Context) -> dict[str, object]:
    """Return the configuration; its names are explained in `relevo.dkim.settings`."""
    cluster = ctx.cluster
    return {
        "socket": wires.MYSQL_SOCKET,
        "database": wires.DATABASE,
        "view": wires.VIEW_DKIM,
        "user": wires.DATABASE_DKIM,
        "password": ctx.secrets.reveal("database_dkim"),
        "box_key": ctx.secrets.reveal("dkim_box_key"),
        "directory": wires.DKIM_DIRECTORY,
        "table": wires.DKIM_TABLE,
        "group": wires.AMAVIS_USER,
        "domain": cluster.domain if cluster.dns.manage else "",
        "zone_directory": wires.DKIM_ZONES,
        "servers": list(wires.name_servers(cluster)),
        "contact": cluster.cluster.postmaster,
        "ttl": cluster.dns.ttl,
        "state": wires.DKIM_STATE,
    }


def _unit(name: str) -> File:
    path = f"/etc/systemd/system/{name}"
    return File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings))
