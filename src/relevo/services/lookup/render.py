"""The socket at which name servers are asked, and what is started for each question."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.lookup.settings import SOCKET_UNIT, UNIT


def render(_: Context) -> tuple[File, ...]:
    """Return the files, the socket's unit first."""
    return _unit(SOCKET_UNIT), _unit(UNIT)


def _unit(name: str) -> File:
    path = f"/etc/systemd/system/{name}"
    return File(path, template(__package__, f"{path.lstrip('/')}.j2", wires=wires))
