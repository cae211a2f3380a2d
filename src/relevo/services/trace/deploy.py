"""Converge what keeps the index of the mail journal."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import relevo
from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.wires import TRACE_SOCKET
from relevo.deploy.files import config_tree
from relevo.deploy.shell import wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.trace.health import answers
from relevo.services.trace.render import render
from relevo.services.trace.settings import UNIT

_READY_SECONDS = 30


def deploy(ctx: Context) -> None:
    """Converge the service of this node; after an update of it the index may be made anew out of the journal."""
    files = render(ctx)
    config_tree(files)
    unit(UNIT, files=(*files, _code()), ready=_ready)


def _code() -> File:
    """Stand for the code that the unit runs, so that a new version of it is a change; nothing is installed by it."""
    paths = sorted((Path(str(relevo.__file__)).parent / "trace").glob("*.py"))
    return File("code of trace", sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest())


def _ready() -> None:
    def alive() -> bool:
        try:
            return bool(answers(TRACE_SOCKET, Deadline(5)))
        except (ProbeFailed, OSError):
            return False

    wait_until(alive, within=_READY_SECONDS, what=_("relevo-trace to answer at {socket}").format(socket=TRACE_SOCKET))
