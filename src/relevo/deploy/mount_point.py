"""An empty mount point: nobody may write there, or a missing mount would make new, empty mailboxes and queues."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from relevo.deploy.operations import step
from relevo.deploy.shell import CommandFailed, run
from relevo.i18n import _

_CLOSED = 0o500


def closed(path: str) -> None:
    """Have a mount point that is closed to everybody while nothing is mounted there."""
    step(_("mount point {path}").format(path=path), lambda: needed(Path(path)), lambda: close(Path(path)))


def needed(point: Path) -> str | None:
    """Say what is to be done; what is under a standing mount can't be seen and was right when it was mounted."""
    try:
        if os.path.ismount(point):
            return None
        have = point.stat()
    except FileNotFoundError:
        return _("make the mount point, writable by nobody")
    except OSError:
        return None  # a dead mount: its unit takes it away
    if any(point.iterdir()):
        text = _("{point} holds files although nothing is mounted there: move them away and apply again")
        raise CommandFailed(text.format(point=point))
    is_closed = (have.st_uid, stat.S_IMODE(have.st_mode)) == (0, _CLOSED)
    return None if is_closed and _immutable(point) is not False else _("close the mount point for everybody")


def close(point: Path) -> None:
    """Make it root's, readable only, and immutable where the file system can: that holds root itself off, too."""
    point.mkdir(parents=True, exist_ok=True)
    run(["chattr", "-i", str(point)], accept=(0, 1))
    os.chown(point, 0, 0)
    point.chmod(_CLOSED)
    run(["chattr", "+i", str(point)], accept=(0, 1))


def _immutable(point: Path) -> bool | None:
    """Tell whether it is immutable; None when this file system has no such attribute."""
    try:
        return "i" in run(["lsattr", "-d", str(point)]).split()[0]
    except CommandFailed:
        return None
