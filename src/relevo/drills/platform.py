"""How a drill reaches the machines: by the lab's driver, which needs no network, or by SSH."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

from relevo.cluster.model import Cluster
from relevo.deploy.shell import CommandFailed
from relevo.deploy.ssh import Ssh
from relevo.drills.waiting import NotHere
from relevo.errors import DrillError
from relevo.i18n import _
from relevo.lab.contract import CLIENT, Lab


class Platform(Protocol):
    """What drills may do to machines. Node names are those of the cluster file; CLIENT is the lab's machine outside."""

    in_lab: bool

    def run(self, node: str, command: Sequence[str], *, within: float, stdin: str | None) -> str:
        """Run a command as root and return its stdout; raise CommandFailed or another RelevoError."""

    def crash(self, node: str) -> None:
        """Cut the power; raise NotHere where that can't be done."""

    def boot(self, node: str) -> None:
        """Switch it on again; returns when it can be reached."""

    def unplug(self, node: str, *, unplugged: bool) -> None:
        """Pull its network cable or put it back; raise NotHere where that can't be done."""

    def pause(self, node: str, *, paused: bool) -> None:
        """Stop every process of it from running, or let them go on; raise NotHere where that can't be done."""


class LabPlatform:
    """The lab: everything is possible."""

    in_lab = True

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def run(self, node: str, command: Sequence[str], *, within: float, stdin: str | None) -> str:
        """Run a command in a machine of the lab."""
        return _checked(node, command, self._lab.run(node, command, within=within, stdin=stdin))

    def crash(self, node: str) -> None:
        """Cut the power of a machine of the lab."""
        self._lab.crash(node)

    def boot(self, node: str) -> None:
        """Boot a machine of the lab."""
        self._lab.start(node)

    def unplug(self, node: str, *, unplugged: bool) -> None:
        """Pull the network cable of a machine of the lab, or put it back."""
        (self._lab.cut if unplugged else self._lab.heal)(node)

    def pause(self, node: str, *, paused: bool) -> None:
        """Stop all processes of a machine of the lab, or let them go on."""
        (self._lab.freeze if paused else self._lab.thaw)(node)


class SshPlatform:
    """Real machines: commands work, nobody can cut their power from here."""

    in_lab = False

    def __init__(self, cluster: Cluster, ssh: Ssh) -> None:
        self._cluster = cluster
        self._ssh = ssh

    def run(self, node: str, command: Sequence[str], *, within: float, stdin: str | None) -> str:
        """Run a command on a machine by SSH."""
        if node == CLIENT:
            raise NotHere(_("there is no mail server outside that we may look into: only the lab has one"))
        return self._ssh.run(self._cluster.nodes[node], command, within=within, stdin=stdin)

    def crash(self, node: str) -> None:
        """Refuse."""
        raise NotHere(_("the power of {node} can't be cut from here: only the lab can do that").format(node=node))

    def boot(self, node: str) -> None:
        """Refuse."""
        raise DrillError(_("{node} must be switched on by hand").format(node=node))

    def unplug(self, node: str, *, unplugged: bool) -> None:
        """Refuse."""
        del unplugged
        raise NotHere(_("the cable of {node} can't be pulled from here: only the lab can do that").format(node=node))

    def pause(self, node: str, *, paused: bool) -> None:
        """Refuse."""
        del paused
        raise NotHere(_("{node} can't be paused from here: only the lab can do that").format(node=node))


@contextmanager
def platform(cluster: Cluster, folder: Path, lab: Path | None) -> Iterator[Platform]:
    """Open the way to the machines: the lab in a folder, or SSH as the cluster file says."""
    if lab:
        from relevo.lab.nspawn import NspawnLab  # noqa: PLC0415 - only a lab needs its driver

        yield LabPlatform(NspawnLab(lab))
        return
    with Ssh(cluster, folder) as ssh:
        yield SshPlatform(cluster, ssh)


def _checked(node: str, command: Sequence[str], done: CompletedProcess[str]) -> str:
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-600:]
        raise CommandFailed(f"{node}: `{' '.join(command)}` ended with {done.returncode}: {said}")
    return done.stdout
