"""Converge the virus scanner on a mail node."""

from __future__ import annotations

import socket

from relevo.cluster.wires import CLAMD_SOCKET
from relevo.deploy.files import config_tree
from relevo.deploy.shell import wait_until
from relevo.deploy.units import disabled, unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.clamav.render import render
from relevo.services.clamav.settings import SOCKET_UNIT, UNIT, UPDATE_ONCE_UNITS, UPDATE_UNIT

_LOAD_SECONDS = 420  # the official signatures take half a minute, more on a slow disk
_CHECK = ("clamconf", "--config-dir=/etc/clamav")


def deploy(ctx: Context) -> None:
    """Place configuration and EICAR signature; have signatures updated where there is internet."""
    files = render(ctx)
    config_tree(files, checks=(_CHECK,))
    disabled(*UPDATE_ONCE_UNITS)
    if ctx.cluster.filter.signatures == "online":
        unit(UPDATE_UNIT)
    else:
        disabled(UPDATE_UNIT)
    unit(SOCKET_UNIT)
    unit(UNIT, files=files, ready=_wait, within=_LOAD_SECONDS)


def _wait() -> None:
    wait_until(_answers, within=_LOAD_SECONDS, what=_("clamd to answer"))


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(CLAMD_SOCKET)
        line.sendall(b"zPING\0")
        return line.recv(16).startswith(b"PONG")
