"""One machine of the lab with a kernel of its own, in QEMU, with a port on the bridge."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess
from time import monotonic

from relevo.deploy.shell import patience, wait_until
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab.host import Host
from relevo.lab.network import Network
from relevo.lab.nspawn.machine import ENVIRONMENT, TIMED_OUT, control_group, full_name, late
from relevo.lab.plan import Names, port_of
from relevo.lab.vm import guest, qemu
from relevo.lab.vm.drive import Drive
from relevo.lab.vm.lines import ask

_LATE_SECONDS = 15.0  # after the deadline, in which the machine itself must have ended the command
_STATE_SECONDS = 10
# In a group below the unit's own, as host.hang() does it; $1 is the unit's group, $2 what to do.
_HANG = """
set -eu
group="/sys/fs/cgroup$1" hung="/sys/fs/cgroup$1/hung"
move() { while read -r pid; do echo "$pid" > "$2/cgroup.procs" 2>/dev/null || :; done < "$1/cgroup.procs"; }
if [ "$2" = hang ]; then
    mkdir -p "$hung"; echo 1 > "$hung/cgroup.freeze"
    while [ -n "$(cat "$group/cgroup.procs")" ]; do move "$group" "$hung"; done
elif [ -d "$hung" ]; then
    echo 0 > "$hung/cgroup.freeze"; move "$hung" "$group"; rmdir "$hung"
fi
"""


class VirtualMachine:
    """A machine of QEMU. Every call raises LabError in one sentence when it can't do its work."""

    boot_seconds = 600.0  # an emulated one that starts a whole mail platform

    def __init__(self, name: str, folder: Path, names: Names, host: Host, network: Network) -> None:
        self.name = name
        self.disk = Drive(folder)
        self.log = folder / "console.log"
        self._process = names.machine(name)
        self._lab = names.namespace
        self._host = host
        self._network = network
        self._wiring = qemu.Wiring(
            self.disk.file, port_of(name), _mac(self._process), folder / "monitor", folder / "agent"
        )
        self._guest = guest.Guest(self._wiring.agent, ENVIRONMENT)

    def start(self, image: Path) -> None:
        """Power it on; returns when its agent answers."""
        command = [*self._network.enter(), *qemu.command_line(image, self._wiring)]
        self._host.launch(self._lab, self._process, command, self.log)
        self._network.attach(self.name)
        what = _("{name} to boot").format(name=self.name)
        wait_until(self._guest.answers, within=self.boot_seconds, what=what, every=0.5)

    def kill(self) -> None:
        """End it at once."""
        for pid in self._host.processes(self._lab, self._process):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.is_on(), within=20, what=_("{name} to end").format(name=self.name), every=0.02)

    def is_on(self) -> bool:
        """Tell whether it has power."""
        return bool(self._host.processes(self._lab, self._process))

    def leader(self) -> int:
        """Return the number of its process on this computer."""
        processes = self._host.processes(self._lab, self._process)
        if not processes:
            raise LabError(_("{machine} is off: `relevo lab start {machine}` boots it").format(machine=self.name))
        return processes[0]

    def enter(self, command: Sequence[str]) -> list[str]:
        """Return the argument list that runs a command in it."""
        self.leader()
        return guest.command_line(self._wiring.agent, ENVIRONMENT, command)

    def run(self, command: Sequence[str], within: float, stdin: str | None) -> CompletedProcess[str]:
        """Run a command in it; at the deadline it is ended in the machine, with its children."""
        self.leader()
        within *= patience()
        started = monotonic()
        timed = ["timeout", "--kill-after=1", f"{within:g}", *command]
        try:
            done = self._guest.run(timed, within + _LATE_SECONDS, (stdin or "").encode())
        except TimeoutError:
            raise late(self.name, command, within) from None
        if done.returncode in TIMED_OUT and monotonic() - started >= within:
            raise late(self.name, command, within)
        out, err = (said.decode(errors="replace") for said in (done.stdout, done.stderr))
        return CompletedProcess(done.args, done.returncode, out, err)

    def state(self) -> str:
        """Return `frozen`, or what `systemctl is-system-running` says."""
        if self.is_frozen():
            return "frozen"
        return self.run(["systemctl", "is-system-running"], _STATE_SECONDS, None).stdout.strip()

    def memory(self) -> int:
        """Return what it uses of its memory in bytes, without page cache; 0 while it is frozen."""
        if self.is_frozen():
            return 0
        _, line, *_ = self.run(["free", "--bytes"], _STATE_SECONDS, None).stdout.splitlines()
        return int(line.split()[2])

    def set_frozen(self, unit: str, frozen: bool) -> None:
        """Freeze or thaw the processes of a unit, or the whole machine when `unit` is empty."""
        if not unit:
            ask(self._wiring.monitor, "stop" if frozen else "cont")
            return
        group = control_group(self, unit)
        done = self.run(["sh", "-c", _HANG, "hang", group, "hang" if frozen else "go"], _STATE_SECONDS, None)
        if done.returncode:
            text = _("{unit} could not be frozen on {machine}: {error}")
            raise LabError(text.format(unit=full_name(unit), machine=self.name, error=done.stderr.strip()))

    def is_frozen(self) -> bool:
        """Tell whether the whole machine is frozen."""
        return bool(ask(self._wiring.monitor, "query-status")["status"] == "paused")

    def plug(self, connected: bool) -> None:
        """Let its network card see that its cable is in or out."""
        ask(self._wiring.monitor, "set_link", name="card", up=connected)

    def remove(self) -> None:
        """End it and delete its drive."""
        self.kill()
        self.disk.remove()


def _mac(machine: str) -> str:
    """Return an address of its own for a network card: locally administered (IEEE 802), the same each time."""
    digest = sha256(machine.encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x52, *digest[:5]))
