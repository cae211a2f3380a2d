"""What relevo-trace is told, and its unit."""

from __future__ import annotations

import json

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.trace import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; none of them holds a secret."""
    told = json.dumps(_told(ctx), indent=1, sort_keys=True) + "\n"
    path = f"/etc/systemd/system/{settings.UNIT}"
    unit = template(__package__, f"{path.lstrip('/')}.j2", wires=wires, settings=settings)
    return File(settings.CONFIG, told), File(path, unit)


def _told(ctx: Context) -> dict[str, object]:
    """Return the configuration; its names are explained in `relevo.trace.settings`."""
    return {
        "node": ctx.node.name,
        "socket": wires.TRACE_SOCKET,
        "index": settings.INDEX,
        "units": list(settings.UNITS),
        "days": settings.DAYS,
        "most_mb": settings.MOST_MB,
    }
