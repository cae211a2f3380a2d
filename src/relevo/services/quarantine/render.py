"""The quarantine's units; none of them holds a secret."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.quarantine import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the units."""
    return tuple(unit_file(name, ctx) for name in settings.UNITS)


def unit_file(name: str, ctx: Context) -> File:
    """Return a unit."""
    path = f"/etc/systemd/system/{name}"
    hours = settings.hours(ctx.cluster.filter.digest_hour)
    return File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings, hours=hours))
