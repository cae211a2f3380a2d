"""A machine in the words of a drill: stop, start, crash, boot; and what was done to it is undone in the end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from relevo.cluster.wires import ASK_AGENT
from relevo.deploy.shell import CommandFailed
from relevo.drills import breaking, newer
from relevo.drills.platform import Platform
from relevo.errors import DrillError, RelevoError
from relevo.operate.active import show_vip

_UNIT_SECONDS = 60.0
_DISK_SECONDS = 120.0  # its files go one by one


@dataclass(frozen=True)
class Damage:
    """What a drill did to a machine: how it is undone, which may be repeated; `lasts` over a reboot."""

    mend: Callable[[], object]
    lasts: bool = False


@dataclass
class Node:
    """One machine. `stopped`, `damages` and `off` remember what the drill did to it, `touched` which units it broke."""

    name: str
    address: str
    vip: str
    platform: Platform
    brick: str = ""  # where its copy of the mail store is
    stopped: list[str] = field(default_factory=list)
    off: bool = False
    unplugged: bool = False
    paused: bool = False
    damages: list[Damage] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

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

    def shut_down(self) -> None:
        """Switch it off in order, as an operator would; returns when it is off."""
        self.off = True  # first: what was begun is undone, too
        self.platform.shut_down(self.name)

    def boot(self) -> None:
        """Switch it on again."""
        self.platform.boot(self.name)
        self.off, self.stopped = False, []
        self.damages = [damage for damage in self.damages if damage.lasts]

    def renew(self, suite: str = "") -> None:
        """Put a bare machine in its place, of that Debian where it is said."""
        self.platform.renew(self.name, suite)
        self.off, self.stopped, self.damages = False, [], []

    def unplug(self) -> None:
        """Pull its network cable."""
        self.unplugged = True  # first: what was begun is undone, too
        self.platform.unplug(self.name, unplugged=True)

    def plug_in(self) -> None:
        """Put it back."""
        self.platform.unplug(self.name, unplugged=False)
        self.unplugged = False

    def pause(self) -> None:
        """Stop every process of it, as a stalled hypervisor does."""
        self.paused = True  # first: what was begun is undone, too
        self.platform.pause(self.name, paused=True)

    def go_on(self) -> None:
        """Let them run again."""
        self.platform.pause(self.name, paused=False)
        self.paused = False

    def kill(self, unit: str) -> None:
        """Kill the main process of a unit (SIGKILL)."""
        self._broke(unit, lambda: None if self.is_active(unit) else self.start(unit))
        self.run(*breaking.kill(unit))

    def hang(self, unit: str) -> None:
        """Stop a unit's processes from running: they end nothing and answer nothing."""
        self._broke(unit, lambda: self.platform.hang(self.name, unit, hung=False))
        self.platform.hang(self.name, unit, hung=True)

    def thaw(self, unit: str) -> None:
        """Let them run again; `restore` may do the same once more."""
        self.platform.hang(self.name, unit, hung=False)

    def bar(self, unit: str) -> None:
        """Let none of the next starts of a unit succeed, which goes on for now."""
        self._broke(unit, lambda: self.run(*breaking.unloop(unit), within=_UNIT_SECONDS))
        self.run(*breaking.bar(unit))

    def crash_loop(self, unit: str) -> None:
        """Kill a unit, and let none of its starts succeed."""
        self._broke(unit, lambda: self.run(*breaking.unloop(unit), within=_UNIT_SECONDS))
        self.run(*breaking.loop(unit))

    def halt(self, process: str) -> None:
        """Stop all processes of that name from running."""
        self.damages.append(Damage(lambda: self.run(*breaking.continue_process(process))))
        self.run(*breaking.stop_process(process))

    def hide_copy(self) -> None:
        """Have its copy of the mail be found by no client that comes anew."""
        self.run(*breaking.hide(self.brick))

    def fill(self) -> None:
        """Make the disk of its brick full."""
        self.damages.append(Damage(lambda: self.platform.fill(self.name, self.brick, full=False), lasts=True))
        self.platform.fill(self.name, self.brick, full=True)

    def lose_disk(self) -> None:
        """Have the disk of its brick die: what is on it is gone, and its process ends."""
        self.run(*breaking.lose(self.brick), within=_DISK_SECONDS)

    def put_disk(self) -> None:
        """Mount an empty one in its place."""
        self.run(*breaking.put_empty(self.brick))

    def burn(self) -> None:
        """Keep all its processors busy."""
        self.damages.append(Damage(lambda: self.run(*breaking.cool())))
        self.run(*breaking.burn())

    def offer_upgrade(self) -> None:
        """Let apt know of a newer version of a package that is installed."""
        self.damages.append(Damage(lambda: self.run(*newer.withdraw()), lasts=True))
        self.run(*newer.offer())

    def block(self, other: Node) -> None:
        """Drop what it sends to another machine."""
        self.damages.append(
            Damage(lambda: self.platform.block(self.name, other.name, blocked=False), lasts=True)
        )
        self.platform.block(self.name, other.name, blocked=True)

    def unblock(self, other: Node) -> None:
        """Let it pass again; `restore` may do the same once more."""
        self.platform.block(self.name, other.name, blocked=False)

    def restore(self) -> None:
        """Undo whatever was done to it; raise DrillError for what could not be undone."""
        if self.paused:
            self.go_on()
        if self.unplugged:
            self.plug_in()
        if self.off:
            self.boot()
        troubles = {damage: trouble for damage in reversed(self.damages) if (trouble := _mended(damage))}
        self.damages = [damage for damage in self.damages if damage in troubles]
        for unit in list(self.stopped):
            self.start(unit)
        if troubles:
            raise DrillError("; ".join(troubles.values()))

    def revive(self) -> None:
        """Start anew what was broken here and did not come back by itself."""
        for unit in sorted(self.touched):
            self.run("systemctl", "restart", unit, within=_UNIT_SECONDS)
        self.touched.clear()

    def is_active(self, unit: str) -> bool:
        """Tell whether a unit runs."""
        return self._succeeds("systemctl", "is-active", "--quiet", unit)

    def is_drained(self) -> bool:
        """Tell whether it was taken out of service by hand, so that the virtual IP would not go there."""
        return bool(json.loads(self.run(*ASK_AGENT, "view"))["own"].get("drained"))

    def holds_vip(self) -> bool:
        """Tell whether it has the virtual IP right now; a machine that can't be asked has not."""
        try:
            shown = self.run(*show_vip(self.vip), within=15)
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

    def _broke(self, unit: str, mend: Callable[[], object]) -> None:
        """Remember it before it is done: what was begun is undone, too."""
        self.touched.add(unit)
        self.damages.append(Damage(mend))

    def _succeeds(self, *command: str) -> bool:
        try:
            self.run(*command, within=30)
        except CommandFailed:
            return False
        return True


def _mended(damage: Damage) -> str:
    try:
        damage.mend()
    except RelevoError as error:
        return str(error)
    return ""


def wait_for_clock_tick() -> None:
    """Wait for the next whole second, so that a journal's `--since` leaves out all that came before."""
    now = time.time()
    time.sleep(1 - now % 1)
