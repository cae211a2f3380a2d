"""Converge what lays down DKIM keys, and what has them looked at."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import relevo
from relevo.cluster import wires
from relevo.deploy.files import config_tree, directory
from relevo.deploy.shell import wait_until
from relevo.deploy.units import unit
from relevo.i18n import _
from relevo.services.base import Context, File
from relevo.services.dkim import settings
from relevo.services.dkim.render import of_the_step, read_by_the_unit, render

_ROOMS = ("dkim", "records", "cluster")  # whose code the unit runs
_READY_SECONDS = 30


def deploy(ctx: Context) -> None:
    """Converge the services of this node; Amavis, which comes after them, finds the keys."""
    directory(wires.DKIM_DIRECTORY, group=wires.AMAVIS_USER, mode=0o750)
    config_tree(render(ctx))
    unit(settings.UNIT, files=(*read_by_the_unit(ctx), _code()), ready=_ready)
    unit(settings.STEP_TIMER, files=of_the_step())


def _code() -> File:
    """Stand for the code that the unit runs, so that a new version of it is a change; nothing is installed by it."""
    folder = Path(str(relevo.__file__)).parent
    paths = sorted(path for room in _ROOMS for path in (folder / room).glob("*.py"))
    return File("code of dkim", sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest())


def _ready() -> None:
    table = Path(wires.DKIM_TABLE)
    wait_until(table.exists, within=_READY_SECONDS, what=_("relevo-dkim to write {file}").format(file=wires.DKIM_TABLE))
