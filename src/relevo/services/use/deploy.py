"""Converge what gathers the use of mailboxes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import relevo
from relevo.deploy.files import config_tree
from relevo.deploy.units import unit
from relevo.services.base import Context, File
from relevo.services.use.render import render
from relevo.services.use.settings import UNIT

_ROOMS = ("use", "trace")  # whose code the unit runs


def deploy(ctx: Context) -> None:
    """Converge the service of this node; it reads on where it has read to."""
    files = render(ctx)
    config_tree(files)
    unit(UNIT, files=(*files, _code()))


def _code() -> File:
    """Stand for the code that the unit runs, so that a new version of it is a change; nothing is installed by it."""
    folder = Path(str(relevo.__file__)).parent
    paths = sorted(path for room in _ROOMS for path in (folder / room).glob("*.py"))
    return File("code of use", sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest())
