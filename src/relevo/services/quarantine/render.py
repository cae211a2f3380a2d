"""The quarantine's units; none of them holds a secret."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.quarantine import settings


def render(ctx: Context) -> tuple[File, ...]:  # noqa: ARG001 - like its neighbours
    """Return the units."""
    return tuple(unit_file(name) for name in settings.UNITS)


def unit_file(name: str) -> File:
    """Return a unit."""
    path = f"/etc/systemd/system/{name}"
    return File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings))
