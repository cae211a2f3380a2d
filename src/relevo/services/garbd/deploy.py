"""Converge garbd on the storage machine."""

from __future__ import annotations

import time
from pathlib import Path

from relevo.deploy.files import config_tree
from relevo.deploy.shell import run, wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.garbd.render import render
from relevo.services.garbd.settings import STATE, UNIT
from relevo.services.garbd.view import members

_VIEW = Path(STATE) / "gvwstate.dat"


def deploy(ctx: Context) -> None:
    """Converge this machine's vote; it never begins a cluster, so a mail node's database must run."""
    files = render(ctx)
    config_tree(files)
    unit(UNIT, files=files, start=_start, ready=_in_the_cluster)


def _start(verb: str) -> None:
    """Start it without an old view: one of a cluster that is gone would keep it from the one that runs."""
    if verb == "restart":
        run(["systemctl", "stop", UNIT], within=30)
    _VIEW.unlink(missing_ok=True)
    run(["systemctl", "start", UNIT], within=30)


def _in_the_cluster() -> None:
    """Wait until its view on disk is of this start, and holds another member than itself."""
    since = time.time() - 60
    wait_until(lambda: members(_VIEW, since) > 1, within=40, what=_("garbd to be in a cluster with a mail node"))
