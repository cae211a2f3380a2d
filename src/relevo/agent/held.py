"""What the agents stop a database or the third vote with, and start it again: the lock, the mark, systemd's commands.

While something is held, this agent has the lock of the cluster, so that no command of an operator gets in between; and
a mark tells the next agent, should this one end, that it was us who stopped it.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from relevo.agent.pace import paced

log = logging.getLogger(__name__)
LOCK_FILE = Path("/run/relevo-apply.lock")  # as in relevo.deploy.lock
MARK = Path("/run/relevo/database-held")
COMMAND_SECONDS = paced(60.0)


class Held:
    """The lock and the mark of a machine whose database, or third vote, this agent has stopped."""

    def __init__(self, lock: Path = LOCK_FILE, mark: Path = MARK) -> None:
        """Nothing is held yet, unless the last agent left its mark."""
        self._path, self._mark = lock, mark
        self._lock: IO[str] | None = None

    @property
    def left_over(self) -> bool:
        """Tell whether an agent that is gone has stopped it."""
        return self._lock is None and self._mark.exists()

    def take(self) -> bool:
        """Take the lock and leave the mark; False while a command of an operator is at work. Raises OSError."""
        lock = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        lock.truncate(0)
        lock.write("relevo-agent (the database cluster is begun again)")
        lock.flush()
        self._lock = lock
        self._mark.touch()
        return True

    def give_back(self) -> None:
        """Let others change the machine again."""
        with suppress(OSError):
            self._mark.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()
            self._lock = None


def end(unit: str) -> None:
    """Stop a unit that may not hear an ordinary stop: mariadbd ignores one while it waits for companions."""
    run(["systemctl", "stop", "--no-block", unit], COMMAND_SECONDS)
    with suppress(subprocess.CalledProcessError):  # it did not run
        run(["systemctl", "kill", "--signal=KILL", unit], COMMAND_SECONDS)
    run(["systemctl", "stop", unit], COMMAND_SECONDS)


async def resume(unit: str, held: Held) -> None:
    """Start a unit in the ordinary way, and let others change the machine again."""
    try:
        await asyncio.to_thread(run, ["systemctl", "start", "--no-block", unit], COMMAND_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("%s could not be started: %s", unit, error)
    held.give_back()


def run(argv: Sequence[str], within: float) -> str:
    """Run a command and return what it prints; raises OSError or SubprocessError."""
    quiet = subprocess.DEVNULL
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=within, stdin=quiet).stdout
