"""The empty mount point: nobody may write there, or a missing mount would make new, empty mailboxes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from relevo.cluster.wires import MAIL_MOUNT
from relevo.deploy.shell import CommandFailed, run

_CLOSED = 0o500
_POINT = Path(MAIL_MOUNT)


def needed() -> str | None:
    """Say what is to be done; what is under a standing mount can't be seen and was right when it was mounted."""
    try:
        if os.path.ismount(_POINT):
            return None
        have = _POINT.stat()
    except FileNotFoundError:
        return "make the mount point, writable by nobody"
    except OSError:
        return None  # a dead mount: the unit takes it away
    if any(_POINT.iterdir()):
        raise CommandFailed(f"{_POINT} holds files although nothing is mounted there: move them away and apply again")
    closed = (have.st_uid, stat.S_IMODE(have.st_mode)) == (0, _CLOSED)
    return None if closed and _immutable() is not False else "close the mount point for everybody"


def close() -> None:
    """Make it root's, readable only, and immutable where the file system can: that holds root itself off, too."""
    _POINT.mkdir(parents=True, exist_ok=True)
    run(["chattr", "-i", MAIL_MOUNT], accept=(0, 1))
    os.chown(_POINT, 0, 0)
    _POINT.chmod(_CLOSED)
    run(["chattr", "+i", MAIL_MOUNT], accept=(0, 1))


def _immutable() -> bool | None:
    """Tell whether it is immutable; None when this file system has no such attribute."""
    try:
        return "i" in run(["lsattr", "-d", MAIL_MOUNT]).split()[0]
    except CommandFailed:
        return None
