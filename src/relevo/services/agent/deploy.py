"""Bring the agent up; new files and new code are taken by a reload, which keeps its weight and so the virtual IP."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import relevo
from relevo.cluster.wires import AGENT_SOCKET, ASK_AGENT
from relevo.deploy.files import config_tree
from relevo.deploy.shell import run, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.agent.render import render
from relevo.services.agent.settings import UNIT
from relevo.services.base import Context, File


def deploy(ctx: Context) -> None:
    """Converge the agent of this node."""
    files = render(ctx)
    config_tree(files)
    unit(UNIT, files=(*files, _code()), reload=True, ready=_answers)


def _code() -> File:
    """Stand for the code that the agent runs, so that a new version of it is a change; nothing is installed by it."""
    folder = Path(str(relevo.__file__)).parent
    paths = sorted([*(folder / "agent").glob("*.py"), *(folder / "services").glob("*/*.py")])
    return File("code of the agent", sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest())


def _answers() -> None:
    wait_until(
        lambda: run([*ASK_AGENT, "view"], within=10),
        within=15, what=_("the agent to answer on {socket}").format(socket=AGENT_SOCKET), every=0.3,
    )
