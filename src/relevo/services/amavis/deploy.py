"""Converge the mail filter on a mail node."""

from __future__ import annotations

import socket
from pathlib import Path

from relevo.cluster import wires
from relevo.deploy.files import config_tree
from relevo.deploy.shell import wait_until
from relevo.deploy.units import disabled, unit
from relevo.i18n import _
from relevo.services.amavis.render import render
from relevo.services.amavis.settings import READ_AT_START, UNIT, UNWANTED_UNITS
from relevo.services.base import Context, File

_LOADS = ("amavisd", "showkeys")  # reads the whole configuration and the keys; any mistake ends it
_START_SECONDS = 60


def deploy(ctx: Context) -> None:
    """Place the configuration; start again also after a change of SpamAssassin's."""
    files = render(ctx)
    config_tree(files, checks=(_LOADS,))
    disabled(*UNWANTED_UNITS)
    unit(UNIT, files=(*files, *_read_at_start()), ready=_wait, within=_START_SECONDS)


def _read_at_start() -> tuple[File, ...]:
    return tuple(File(name, path.read_bytes()) for name in READ_AT_START if (path := Path(name)).is_file())


def _wait() -> None:
    for port in (wires.AMAVIS_INBOUND_PORT, wires.AMAVIS_ORIGINATING_PORT):
        what = _("Amavis on port {port}").format(port=port)
        wait_until(lambda port=port: _greets(port), within=_START_SECONDS, what=what)  # type: ignore[misc]


def _greets(port: int) -> bool:
    """Tell whether it answers; the unit is "active" a second or two before it listens."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        return line.recv(128).startswith(b"220")
