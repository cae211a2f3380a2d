"""One machine of the lab: a container of systemd-nspawn on its disk, with a port on the bridge."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from subprocess import run as run_process
from time import monotonic
from typing import Protocol

from relevo.deploy.shell import too_long, wait_until
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab.disk import DATA_MOUNT, Disk
from relevo.lab.host import Host, cgroup_mounts, freezer_of, hang, is_frozen, set_frozen, unhang
from relevo.lab.network import Network
from relevo.lab.nspawn.power import powered
from relevo.lab.plan import BRIDGE, INTERFACE, Names, port_of

ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", "TERM=xterm",
)
_KILLED_LATE = 3.0  # seconds after the deadline in which the machine itself must have ended the command
_STATE_SECONDS, _ASK_SECONDS = 5, 10
TIMED_OUT = (124, 137)  # timeout(1): ended, killed
_NSPAWN_STATE = Path("/run/systemd/nspawn")


class Machine:
    """A container. Every call raises LabError in one sentence when it can't do its work."""

    boot_seconds = 60.0

    def __init__(self, name: str, folder: Path, names: Names, host: Host, network: Network) -> None:
        self.name = name
        self.disk = Disk(folder)
        self._container = names.machine(name)
        self._lab = names.namespace
        self._host = host
        self._network = network
        self.log = folder / "console.log"

    def start(self, image: Path) -> None:
        """Power it on; returns when its port is on the bridge, before it has booted."""
        self.disk.mount(image)
        # Control groups of version 2 in every machine, so that units can be frozen. No lock: the lab has its own.
        # The network is made inside the lab's namespace, so this computer's end of the cable is there.
        settings = ["env", "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1", "SYSTEMD_NSPAWN_LOCK=0"]
        container = [
            "systemd-nspawn", "--quiet", f"--directory={self.disk.root}", f"--machine={self._container}",
            f"--hostname={self.name}", "--register=no", "--keep-unit", "--boot", "--link-journal=no", "--console=pipe",
            "--resolv-conf=off", "--timezone=off", f"--network-veth-extra={port_of(self.name)}:{INTERFACE}",
            "--bind=/dev/fuse", f"--bind={self.disk.data}:{DATA_MOUNT}",
        ]
        powers = powered([*settings, *container], cgroup_mounts()["v2"], port_of(self.name), BRIDGE)
        self._host.launch(self._lab, self._container, [*self._network.enter(), *powers], self.log)
        self._network.attach(self.name)

    def kill(self) -> None:
        """End all its processes at once: its first process dies, and the kernel ends the others."""
        with suppress(LabError, ProcessLookupError):
            os.kill(self.leader(), signal.SIGKILL)
        what = _("the processes of {name} to end").format(name=self.name)
        wait_until(self._all_gone, within=20, what=what, every=0.02)

    def is_on(self) -> bool:
        """Tell whether it has a first process."""
        return self._find_leader() is not None

    def leader(self) -> int:
        """Return the number of its first process on this computer."""
        pid = self._find_leader()
        if pid is None:
            raise LabError(_("{machine} is off: `relevo lab start {machine}` boots it").format(machine=self.name))
        return pid

    def enter(self, command: Sequence[str]) -> list[str]:
        """Return the argument list that runs a command in it."""
        spaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
        return ["nsenter", f"--target={self.leader()}", *spaces, "--", "env", "-i", *ENVIRONMENT, *command]

    def run(self, command: Sequence[str], within: float, stdin: str | None) -> CompletedProcess[str]:
        """Run a command in it; at the deadline it is ended in the machine, with its children."""
        started = monotonic()
        timed = self.enter(["timeout", "--kill-after=1", f"{within:g}", *command])
        try:
            done = run_process(timed, input=stdin or "", capture_output=True, text=True, errors="replace", check=False,
                               timeout=within + _KILLED_LATE)
        except TimeoutExpired:
            raise late(self.name, command, within) from None
        if done.returncode in TIMED_OUT and monotonic() - started >= within:
            raise late(self.name, command, within)
        return done

    def state(self) -> str:
        """Return `frozen`, or what `systemctl is-system-running` says."""
        if self.is_frozen():
            return "frozen"
        return self.run(["systemctl", "is-system-running"], _STATE_SECONDS, None).stdout.strip()

    def memory(self) -> int:
        """Return its memory in bytes, without page cache."""
        return self._host.memory(self._lab, self._container)

    def set_frozen(self, unit: str, frozen: bool) -> None:
        """Freeze or thaw the processes of a unit, or the whole machine when `unit` is empty."""
        if unit:
            (hang if frozen else unhang)(self._unit_group(unit))
        else:
            set_frozen(self._group(), frozen)

    def is_frozen(self) -> bool:
        """Tell whether the whole machine is frozen."""
        return is_frozen(self._group())

    def plug(self, connected: bool) -> None:
        """Do nothing: its network card sees by itself that the port at the other end of its cable is up or down."""

    def remove(self) -> None:
        """End it and delete its disk and what systemd-nspawn leaves behind."""
        self.kill()
        self.disk.remove()
        for left in (_NSPAWN_STATE / "propagate" / self._container, _NSPAWN_STATE / "unix-export" / self._container):
            with suppress(FileNotFoundError, NotADirectoryError):
                left.rmdir()

    def _group(self) -> Path:
        """The group of the whole container: its first process is in `init.scope` below it."""
        group = freezer_of(self.leader())
        return group.parent if group.name == "init.scope" else group

    def _unit_group(self, unit: str) -> Path:
        group = self._group() / control_group(self, unit).lstrip("/")
        if not group.is_dir():
            raise no_processes(self.name, unit)
        return group

    def _find_leader(self) -> int | None:
        processes = self._host.processes(self._lab, self._container)
        return next((pid for pid in processes if number_in_container(pid) == 1), None)

    def _all_gone(self) -> bool:
        """Nspawn ends by itself after its container's first process; before that process is there, we end it."""
        processes = self._host.processes(self._lab, self._container)
        if processes and self._find_leader() is None:
            for pid in processes:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        return not processes


class Runs(Protocol):
    """What runs commands, and has a name."""

    name: str

    def run(self, command: Sequence[str], within: float, stdin: str | None) -> CompletedProcess[str]:
        """Run a command in it."""


def control_group(machine: Runs, unit: str) -> str:
    """Return a unit's control group as the machine's systemd names it; raise LabError when it has no processes."""
    asked = ["systemctl", "show", "--property=ControlGroup", "--value", full_name(unit)]
    if not (shown := machine.run(asked, _ASK_SECONDS, None).stdout.strip()):
        raise no_processes(machine.name, unit)
    return shown


def full_name(unit: str) -> str:
    """Return a unit's name with its kind: a service when none is given."""
    return unit if "." in unit else f"{unit}.service"


def no_processes(machine: str, unit: str) -> LabError:
    """Return the error of a unit that can't be frozen."""
    text = _("{unit} has no running processes on {machine}")
    return LabError(text.format(unit=full_name(unit), machine=machine))


def late(machine: str, command: Sequence[str], within: float) -> LabError:
    """Return the error of a command that was ended at its deadline."""
    return LabError(f"{machine}: {too_long(command, within)}")



def number_in_container(pid: int) -> int | None:
    """Return a process's number one container deep, from `NSpid` (proc_pid_status(5)); None when it is in none."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
    return int(numbers[1]) if len(numbers) == 2 else None  # noqa: PLR2004 - its number here, and in the container
