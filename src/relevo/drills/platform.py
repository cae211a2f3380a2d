"""How a drill reaches the machines: by the lab's driver, which needs no network, or by SSH."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

from relevo.cluster.model import Cluster
from relevo.deploy.shell import CommandFailed, ended, too_long
from relevo.deploy.ssh import Ssh
from relevo.drills import breaking
from relevo.drills.waiting import NotHere
from relevo.errors import DrillError, LabError
from relevo.i18n import _
from relevo.lab.contract import CLIENT, Lab

_LINES = 3  # of a command that ends without a complaint


class Platform(Protocol):
    """What drills may do to machines. Node names are those of the cluster file; CLIENT is the lab's machine outside."""

    in_lab: bool
    file: Path  # the operator's cluster file

    def run(self, node: str, command: Sequence[str], *, within: float, stdin: str | None) -> str:
        """Run a command as root and return its stdout; raise CommandFailed or another RelevoError."""

    def crash(self, node: str) -> None:
        """Cut the power; raise NotHere where that can't be done."""

    def shut_down(self, node: str) -> None:
        """Switch it off in order; returns when it is off, raise NotHere where it could not be switched on again."""

    def boot(self, node: str) -> None:
        """Switch it on again; returns when it can be reached."""

    def renew(self, node: str, suite: str = "") -> None:
        """Put a bare machine in its place, of that Debian where it is said; raise NotHere where that can't be done."""

    def relevo(self, *arguments: str, within: float, file: Path | None = None) -> str:
        """Run `relevo ...` with the cluster file, or another one, as its operator does; return its last line."""

    def unplug(self, node: str, *, unplugged: bool) -> None:
        """Pull its network cable or put it back; raise NotHere where that can't be done."""

    def pause(self, node: str, *, paused: bool) -> None:
        """Stop every process of it from running, or let them go on; raise NotHere where that can't be done."""

    def hang(self, node: str, unit: str, *, hung: bool) -> None:
        """Stop a unit's processes from running, or let them go on; those that were made anew run anyway."""

    def block(self, sender: str, receiver: str, *, blocked: bool) -> None:
        """Drop all that one machine sends to another, or let it pass; raise NotHere where that can't be done."""

    def fill(self, node: str, brick: str, *, full: bool) -> None:
        """Make the disk of a brick full, or give its space back."""


class LabPlatform:
    """The lab: everything is possible."""

    in_lab = True

    def __init__(self, lab: Lab, file: Path) -> None:
        self._lab, self.file = lab, file

    def run(self, node: str, command: Sequence[str], *, within: float, stdin: str | None) -> str:
        """Run a command in a machine of the lab."""
        return _checked(node, command, self._lab.run(node, command, within=within, stdin=stdin))

    def crash(self, node: str) -> None:
        """Cut the power of a machine of the lab."""
        self._lab.crash(node)

    def shut_down(self, node: str) -> None:
        """Switch a machine of the lab off in order."""
        self._lab.shut_down(node)

    def boot(self, node: str) -> None:
        """Boot a machine of the lab."""
        self._lab.start(node)

    def renew(self, node: str, suite: str = "") -> None:
        """Put a bare machine in the place of one of the lab."""
        self._lab.renew(node, suite)

    def relevo(self, *arguments: str, within: float, file: Path | None = None) -> str:
        """Run a command with the cluster file."""
        return _relevo(file or self.file, arguments, within)

    def unplug(self, node: str, *, unplugged: bool) -> None:
        """Pull the network cable of a machine of the lab, or put it back."""
        (self._lab.cut if unplugged else self._lab.heal)(node)

    def pause(self, node: str, *, paused: bool) -> None:
        """Stop all processes of a machine of the lab, or let them go on."""
        (self._lab.freeze if paused else self._lab.thaw)(node)

    def hang(self, node: str, unit: str, *, hung: bool) -> None:
        """Freeze a unit: not even a signal reaches it. One that has no processes any more is not frozen."""
        if hung:
            self._lab.freeze(node, unit)
            return
        with suppress(LabError):
            self._lab.thaw(node, unit)

    def block(self, sender: str, receiver: str, *, blocked: bool) -> None:
        """Drop on the lab's bridge what one machine sends to another."""
        (self._lab.block if blocked else self._lab.unblock)(sender, receiver)

    def fill(self, node: str, brick: str, *, full: bool) -> None:
        """Have the brick say so: the disk is this computer's own, and must not become full."""
        del brick
        self.run(node, breaking.reserve() if full else breaking.release(), within=30, stdin=None)


class SshPlatform:
    """Real machines: commands work, nobody can cut their power from here."""

    in_lab = False

    def __init__(self, cluster: Cluster, ssh: Ssh, file: Path) -> None:
        self._cluster, self._ssh, self.file = cluster, ssh, file

    def run(self, node: str, command: Sequence[str], *, within: float, stdin: str | None) -> str:
        """Run a command on a machine by SSH."""
        if node == CLIENT:
            raise NotHere(_("there is no mail server outside that we may look into: only the lab has one"))
        return self._ssh.run(self._cluster.nodes[node], command, within=within, stdin=stdin)

    def crash(self, node: str) -> None:
        """Refuse."""
        raise NotHere(_("the power of {node} can't be cut from here: only the lab can do that").format(node=node))

    def shut_down(self, node: str) -> None:
        """Refuse."""
        raise NotHere(_("{node} could not be switched on again from here: only the lab can do that").format(node=node))

    def boot(self, node: str) -> None:
        """Refuse."""
        raise DrillError(_("{node} must be switched on by hand").format(node=node))

    def renew(self, node: str, suite: str = "") -> None:
        """Refuse."""
        del suite
        raise NotHere(_("{node} can't be installed anew from here: only the lab can do that").format(node=node))

    def relevo(self, *arguments: str, within: float, file: Path | None = None) -> str:
        """Run a command with the cluster file."""
        return _relevo(file or self.file, arguments, within)

    def unplug(self, node: str, *, unplugged: bool) -> None:
        """Refuse."""
        del unplugged
        raise NotHere(_("the cable of {node} can't be pulled from here: only the lab can do that").format(node=node))

    def pause(self, node: str, *, paused: bool) -> None:
        """Refuse."""
        del paused
        raise NotHere(_("{node} can't be paused from here: only the lab can do that").format(node=node))

    def hang(self, node: str, unit: str, *, hung: bool) -> None:
        """Stop a unit's processes by signal; one that has none any more doesn't hang."""
        signal = "STOP" if hung else "CONT"
        command = ["systemctl", "kill", "--kill-whom=all", f"--signal={signal}", breaking.service(unit)]
        with nullcontext() if hung else suppress(CommandFailed):
            self.run(node, command, within=30, stdin=None)

    def block(self, sender: str, receiver: str, *, blocked: bool) -> None:
        """Refuse."""
        del receiver, blocked
        text = _("what {node} sends can't be dropped from here: only the lab can do that")
        raise NotHere(text.format(node=sender))

    def fill(self, node: str, brick: str, *, full: bool) -> None:
        """Fill the brick's file system with one file, or remove that file."""
        self.run(node, breaking.fill(brick) if full else breaking.empty(brick), within=60, stdin=None)


@contextmanager
def platform(cluster: Cluster, file: Path, lab: Path | None) -> Iterator[Platform]:
    """Open the way to the machines: the lab in a folder, or SSH as the cluster file says."""
    if lab:
        from relevo.lab.local import LocalLab  # noqa: PLC0415 - only a lab needs its driver

        yield LabPlatform(LocalLab(lab), file)
        return
    with Ssh(cluster, file.parent) as ssh:
        yield SshPlatform(cluster, ssh, file)


def operators(file: Path, *arguments: str) -> list[str]:
    """Return the command that an operator gives for this cluster file."""
    return [sys.executable, "-m", "relevo.cli.main", *arguments, "--file", str(file)]


def _relevo(file: Path, arguments: Sequence[str], within: float) -> str:
    try:
        done = subprocess.run(operators(file, *arguments), capture_output=True, text=True, timeout=within, check=False)
    except subprocess.TimeoutExpired:
        raise CommandFailed(too_long(["relevo", *arguments], within)) from None
    if done.returncode:
        said = last_words(done.stderr.strip() or done.stdout.strip())
        raise CommandFailed(ended(["relevo", *arguments], done.returncode, said))
    return (done.stderr.strip() or done.stdout.strip() or "-").splitlines()[-1]


def last_words(text: str) -> str:
    """Return a command's complaint without the steps that it told before, or its last lines where it has none."""
    lines = text.splitlines()
    complaint = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    return "\n".join(lines[complaint[-1]:] if complaint else lines[-_LINES:])


def _checked(node: str, command: Sequence[str], done: CompletedProcess[str]) -> str:
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-600:]
        raise CommandFailed(f"{node}: {ended(command, done.returncode, said)}")
    return done.stdout
