"""Converge what reads and changes the mail queues; nothing in a queue is touched by that."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import relevo
from relevo.agent.probe import Deadline, ProbeFailed
from relevo.cluster.wires import QUEUE_SOCKET
from relevo.deploy.files import config_tree
from relevo.deploy.shell import run, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.queue.health import answers
from relevo.services.queue.render import read_by_the_unit, render, socket
from relevo.services.queue.settings import SOCKET_UNIT, UNIT

_READY_SECONDS = 15


def deploy(ctx: Context) -> None:
    """Converge the service of this node."""
    config_tree(render(ctx))
    unit(SOCKET_UNIT, files=(socket(ctx),), start=_open)
    key = File("key of the agents", ctx.secrets.reveal("agent_token"), secret=True)  # its own is made of it
    unit(UNIT, files=(*read_by_the_unit(ctx), key, _code()), ready=_ready)


def _open(verb: str) -> None:
    """Start the socket; systemd opens none anew while the service holds it."""
    run(["systemctl", "stop", UNIT])
    run(["systemctl", verb, SOCKET_UNIT])


def _code() -> File:
    """Stand for the code that the unit runs, so that a new version of it is a change; nothing is installed by it."""
    folder = Path(str(relevo.__file__)).parent
    paths = sorted(path for room in ("queue", "trace", "agent") for path in (folder / room).glob("*.py"))
    return File("code of queue", sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest())


def _ready() -> None:
    def alive() -> bool:
        try:
            return bool(answers(QUEUE_SOCKET, Deadline(5)))
        except (ProbeFailed, OSError):
            return False

    what = _("relevo-queue-control to answer at {socket}").format(socket=QUEUE_SOCKET)
    wait_until(alive, within=_READY_SECONDS, what=what)
