"""A machine in the words of a drill: stop, start, crash, boot; and what was done to it is undone in the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from relevo.deploy.shell import CommandFailed
from relevo.drills.platform import Platform
from relevo.errors import RelevoError

_UNIT_SECONDS = 60.0


@dataclass
class Node:
    """One machine. `stopped` and `off` remember what the drill did to it."""

    name: str
    address: str
    vip: str
    platform: Platform
    stopped: list[str] = field(default_factory=list)
    off: bool = False
    unplugged: bool = False
    paused: bool = False

    def run(self, *command: str, within: float = 60, stdin: str | None = None) -> str:
        """Run a command as root and return what it wrote to stdout."""
        return self.platform.run(self.name, command, within=within, stdin=stdin)

    def stop(self, unit: str) -> None:
        """Stop a unit, as an operator would."""
        self.stopped.append(unit)
        self.run("systemctl", "stop", unit, within=_UNIT_SECONDS)

    def start(self, unit: str) -> None:
        """Start a unit again."""
        self.run("systemctl", "reset-failed", unit, within=_UNIT_SECONDS)
        self.run("systemctl", "start", unit, within=_UNIT_SECONDS)
        self.stopped = [other for other in self.stopped if other != unit]

    def crash(self) -> None:
        """Cut its power."""
        self.platform.crash(self.name)
        self.off = True

    def boot(self) -> None:
        """Switch it on again."""
        self.platform.boot(self.name)
        self.off, self.stopped = False, []

    def unplug(self) -> None:
        """Pull its network cable."""
        self.unplugged = True  # first: what was begun is undone, too
        self.platform.unplug(self.name, unplugged=True)

    def pause(self) -> None:
        """Stop every process of it, as a stalled hypervisor does."""
        self.paused = True  # first: what was begun is undone, too
        self.platform.pause(self.name, paused=True)

    def restore(self) -> None:
        """Undo whatever was done to it."""
        if self.paused:
            self.platform.pause(self.name, paused=False)
            self.paused = False
        if self.unplugged:
            self.platform.unplug(self.name, unplugged=False)
            self.unplugged = False
        if self.off:
            self.boot()
        for unit in list(self.stopped):
            self.start(unit)

    def is_active(self, unit: str) -> bool:
        """Tell whether a unit runs."""
        return self._succeeds("systemctl", "is-active", "--quiet", unit)

    def holds_vip(self) -> bool:
        """Tell whether it has the virtual IP right now; a machine that can't be asked has not."""
        try:
            shown = self.run("ip", "-oneline", "address", "show", "scope", "global", "to", f"{self.vip}/32", within=15)
        except RelevoError:
            return False
        return bool(shown.strip())

    def clock(self) -> str:
        """Return the machine's own time as `journalctl --since` takes it."""
        return f"@{self.run('date', '+%s').strip()}"

    def journal(self, since: str, words: Sequence[str]) -> list[str]:
        """Return the lines of its journal since that time that contain all of these words."""
        lines = self.run("journalctl", "--since", since, "--output", "cat", "--no-pager", "--quiet").splitlines()
        return [line for line in lines if all(word in line for word in words)]

    def _succeeds(self, *command: str) -> bool:
        try:
            self.run(*command, within=30)
        except CommandFailed:
            return False
        return True


def wait_for_clock_tick() -> None:
    """Wait for the next whole second, so that a journal's `--since` leaves out all that came before."""
    now = time.time()
    time.sleep(1 - now % 1)
