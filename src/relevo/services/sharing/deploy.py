"""Converge what lays down who shares which mailbox."""

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
from relevo.services.sharing import settings
from relevo.services.sharing.render import render

_READY_SECONDS = 30


def deploy(ctx: Context) -> None:
    """Converge the service of this node."""
    directory(wires.SHARING_DIRECTORY, group=wires.VMAIL_USER, mode=0o750)
    files = render(ctx)
    config_tree(files)
    unit(settings.UNIT, files=(*files, _code()), ready=_ready)


def _code() -> File:
    """Stand for the code that the unit runs, so that a new version of it is a change; nothing is installed by it."""
    paths = sorted((Path(str(relevo.__file__)).parent / "sharing").glob("*.py"))
    return File("code of sharing", sha256(b"".join(sha256(path.read_bytes()).digest() for path in paths)).hexdigest())


def _ready() -> None:
    state = Path(wires.SHARING_STATE, "state.json")
    wait_until(state.exists, within=_READY_SECONDS, what=_("relevo-sharing to write {state}").format(state=state))
