"""Bring the agent up; one that runs takes new files by a reload, which keeps its weight and so the virtual IP."""

from __future__ import annotations

from relevo.cluster.wires import AGENT_SOCKET, RELEVO_PYTHON
from relevo.deploy.operations import config_tree, unit
from relevo.deploy.shell import run, wait_until
from relevo.services.agent.render import render
from relevo.services.agent.settings import UNIT
from relevo.services.base import Context


def deploy(ctx: Context) -> None:
    """Converge the agent of this node."""
    files = render(ctx)
    config_tree(files)
    unit(UNIT, files=files, reload=True, ready=_answers)


def _answers() -> None:
    wait_until(
        lambda: run([RELEVO_PYTHON, "-m", "relevo.agent.ask", "view"], within=10),
        within=15, what=f"the agent to answer on {AGENT_SOCKET}", every=0.3,
    )
