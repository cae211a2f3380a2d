"""The lock of the cluster: one command at a time changes a node.

It is a flock(2) that the worker holds, so it ends with the worker, however that ends: no stale lock needs a hand.
"""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

from relevo.errors import LockedError
from relevo.i18n import _

LOCK_FILE = Path("/run/relevo-apply.lock")
PATIENCE_SECONDS = 15.0  # a worker whose operator is gone ends after its step; who ends a command, a moment later


def acquire(who: str, why: str, path: Path = LOCK_FILE, patience: float = PATIENCE_SECONDS) -> IO[str]:
    """Take the lock and note who has it and why; keep the result open as long as you need it.

    Raises:
        LockedError: somebody else has it; the text says who, since when and why.
    """
    file = path.open("a+", encoding="utf-8")
    end = time.monotonic() + patience
    while not _try(file):
        if time.monotonic() > end:
            file.seek(0)
            holder = file.read().strip() or _("another command")
            file.close()
            raise LockedError(_("locked by {holder}; wait until it is done").format(holder=holder))
        time.sleep(0.2)
    file.truncate(0)
    file.write(f"{who} since {time.strftime('%Y-%m-%d %H:%M:%S %z')} ({why})")
    file.flush()
    return file


def _try(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
