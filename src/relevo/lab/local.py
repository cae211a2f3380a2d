"""A lab in network namespaces of this computer, its machines containers (systemd-nspawn) or virtual. Needs root."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from subprocess import CompletedProcess
from typing import TypeVar

from relevo.cluster import load
from relevo.cluster.model import Cluster
from relevo.deploy.shell import CommandFailed, wait_until
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab import outlook
from relevo.lab.base import Base
from relevo.lab.contract import CLIENT, MachineState
from relevo.lab.forward import LOOPBACK, Door, Forwarder
from relevo.lab.host import allow_watches, this_host
from relevo.lab.machines import (
    SLOW,
    AnyMachine,
    demand_qemu,
    demand_root_and_tools,
    install,
    is_emulated,
    kind_of,
    wait_for_ssh,
)
from relevo.lab.network import Network
from relevo.lab.plan import Names, NetworkPlan, plan_network
from relevo.lab.workspace import Driver, Workspace

_ORDER_SECONDS, _SHUT_DOWN_SECONDS = 10.0, 180.0  # a unit that does not end by itself is given up after 90 s
_DOORS = (Door(8443, 443), Door(8080, 80))
_Result = TypeVar("_Result")
_SCHEMES = {443: "https", 80: "http"}


class LocalLab:
    """A lab in a folder.

    `say` is told what goes on, one sentence each. `suite` is the Debian of machines that are made, trixie without it.
    """

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _: None, suite: str = "") -> None:
        self.folder = folder.resolve()
        self._say = say
        self._names = Names.of(self.folder)
        self._workspace = Workspace(self.folder)
        self._network = Network(self._names)
        self._forwarder = Forwarder(self.folder)
        self._nodes = self.folder / "nodes"
        self._suite = suite
        self._outlook = self.folder / "client-etc"
        self._host = this_host()

    @cached_property
    def _virtual(self) -> bool:
        return self._workspace.driver() == "vm"

    @property
    def is_slow(self) -> bool:
        """Whether its machines are emulated; known once there is an image for them."""
        return self._virtual and is_emulated(self._base.of(CLIENT))

    @cached_property
    def _base(self) -> Base:
        return Base(self._nodes, self._say, self._suite, virtual=self._virtual)

    # --- the whole lab -------------------------------------------------------------------------------------------

    def up(self, driver: Driver | None = None, storage: str = "") -> None:
        """Make and boot the machines, or boot those that are off; returns when SSH answers on each.

        `driver`: what new machines are; containers when nothing is said. `storage`: the kind of a new lab's mail store.
        """
        demand_root_and_tools()
        with self._workspace.locked():
            if storage:
                self._workspace.choose_storage(storage, has_machines=bool(self._disks()))
            self._choose(driver)
            cluster = self._workspace.prepare()
            plan = plan_network(cluster)
            self._base.prepare(cluster)
            if self.is_slow:
                self._workspace.be_patient()
            self._network.up(plan)
            self._workspace.write_ssh_config(plan, self._network)
            off = [machine for machine in self._machines.values() if not machine.is_on()]
            if off:
                allow_watches()
                if self.is_slow:
                    self._say(_(SLOW))
                self._say(_("booting {machines}").format(machines=", ".join(machine.name for machine in off)))
            self._each(off, self._boot)
            self._forwarder.start(self._launch_forwarder, cluster.vip, _DOORS)

    def down(self) -> None:
        """End and delete the machines; what stays is the cached image, and the cluster file with secrets and key."""
        demand_root_and_tools()
        if not self.folder.is_dir():
            return
        with self._workspace.locked():
            self._forwarder.stop()
            self._each([self._machine(folder.name) for folder in self._disks()], lambda machine: machine.remove())
            self._network.down()
            self._host.clear(self._names.namespace)
            self._workspace.forget_machines()
            for folder in (self._nodes, self._outlook):
                shutil.rmtree(folder, ignore_errors=True)
        (self.folder / "lock").unlink(missing_ok=True)

    def images(self) -> set[Path]:
        """Return the cached images that this lab uses, or would use for new machines."""
        return self._base.cached(self._workspace.cluster())

    def status(self) -> Mapping[str, MachineState]:
        """Return the state of each machine."""
        states = self._each(list(self._machines.values()), self._state)
        return {state.name: state for state in states}

    def doors(self) -> Mapping[str, str]:
        """Return the addresses on this computer's loopback that lead to the platform."""
        return {
            f"port {door.port} of the VIP": f"{_SCHEMES[door.port]}://{LOOPBACK}:{door.listen}/"
            for door in self._forwarder.doors()
        }

    def logins(self) -> Mapping[str, str]:
        """Return the passwords of the lab's accounts by their addresses, for people to try them."""
        return self._workspace.logins()

    # --- one machine ---------------------------------------------------------------------------------------------

    def run(
        self, node: str, command: Sequence[str], *, within: float = 60, stdin: str | None = None
    ) -> CompletedProcess[str]:
        """Run a command in a machine; raise LabError only when it could not be run in time."""
        return self._existing(node).run(command, within, stdin)

    def machine_command(self, node: str, command: Sequence[str]) -> list[str]:
        """Return the argument list that runs a command in a machine."""
        return self._existing(node).enter(command)

    def client_command(self, command: Sequence[str]) -> list[str]:
        """Return the argument list that runs one of this computer's programs in the client's network."""
        return outlook.command(self._existing(CLIENT).leader(), self._outlook, command)

    def crash(self, node: str) -> None:
        """Cut the power: the network is gone first, then all processes at once."""
        machine = self._existing(node)
        machine.leader()
        self._network.cut(node)
        machine.kill()

    def shut_down(self, node: str) -> None:
        """Switch a machine off in order; returns when it is off."""
        machine = self._existing(node)
        machine.leader()
        machine.run(["systemctl", "--no-block", "poweroff"], _ORDER_SECONDS, None)
        try:
            what = _("{node} to be off").format(node=node)
            wait_until(lambda: not machine.is_on(), within=_SHUT_DOWN_SECONDS, what=what, every=0.1)
        except CommandFailed as error:
            raise LabError(_("{error}; what it said is in {log}").format(error=error, log=machine.log)) from None
        machine.kill()  # what is left of the container itself

    def start(self, node: str) -> None:
        """Boot a machine that is off; returns when SSH answers."""
        machine = self._existing(node)
        if machine.is_on():
            raise LabError(_("{node} is on already").format(node=node))
        self._boot(machine)

    def renew(self, node: str, suite: str = "") -> None:
        """Put a new machine with an empty disk in the place of one, on or off; returns when SSH answers.

        `suite`: its Debian; that of the old machine without it.
        """
        machine = self._existing(node)
        suite = self._base.next_suite(node, suite)
        if machine.is_on():
            self._network.cut(node)
        machine.remove()
        self._workspace.forget_host_key(self._plan.address(node))
        self._base.renew(node, self._cluster, suite)
        self._boot(machine)

    def cut(self, node: str) -> None:
        """Pull the network cable."""
        machine = self._existing(node)
        machine.leader()
        self._network.cut(node)
        machine.plug(connected=False)

    def heal(self, node: str) -> None:
        """Put the network cable back."""
        machine = self._existing(node)
        machine.leader()
        self._network.heal(node)
        machine.plug(connected=True)

    def block(self, sender: str, receiver: str) -> None:
        """Drop all that one machine sends to another; what comes the other way passes."""
        self._existing(sender)
        self._existing(receiver)
        self._network.block(sender, receiver)

    def unblock(self, sender: str, receiver: str) -> None:
        """Let it pass again."""
        self._existing(sender)
        self._existing(receiver)
        self._network.unblock(sender, receiver)

    def freeze(self, node: str, unit: str = "") -> None:
        """Stop all processes of a unit from running, or of the whole machine when no unit is given."""
        self._existing(node).set_frozen(unit, frozen=True)

    def thaw(self, node: str, unit: str = "") -> None:
        """Let them go on."""
        self._existing(node).set_frozen(unit, frozen=False)

    # --- details -------------------------------------------------------------------------------------------------

    @cached_property
    def _cluster(self) -> Cluster:
        if not self._workspace.cluster_file.exists():
            text = _("there is no lab in {folder}: `relevo lab up` makes one")
            raise LabError(text.format(folder=self.folder))
        return load.load(self._workspace.cluster_file)

    @cached_property
    def _plan(self) -> NetworkPlan:
        return plan_network(self._cluster)

    @cached_property
    def _machines(self) -> Mapping[str, AnyMachine]:
        return {name: self._machine(name) for name in self._plan.machines}

    def _machine(self, name: str) -> AnyMachine:
        kind = kind_of(name, virtual=self._virtual)
        return kind(name, self._nodes / name, self._names, self._host, self._network)

    def _choose(self, driver: Driver | None) -> None:
        """Note what the machines are to be; refuse to change what they are."""
        if driver is not None and self._disks() and driver != self._workspace.driver():
            text = _("this lab's machines are of the kind {kind}: `relevo lab down` first")
            raise LabError(text.format(kind=self._workspace.driver()))
        if driver is not None:
            self._workspace.choose_driver(driver)
        if self._virtual:
            demand_qemu()

    def _existing(self, node: str) -> AnyMachine:
        self._plan.address(node)
        if not self._network.exists():
            raise LabError(_("the lab is down: `relevo lab up` boots it"))
        return self._machines[node]

    def _disks(self) -> list[Path]:
        return [folder for folder in self._nodes.glob("*/") if not folder.is_symlink()]

    def _boot(self, machine: AnyMachine) -> None:
        base = self._base.of(machine.name)
        machine.disk.mount(base)
        if machine.disk.is_new:
            install(machine, self._cluster, self._plan, self._workspace, self._outlook)
        machine.start(base)
        wait_for_ssh(machine, self._workspace)

    def _launch_forwarder(self, command: Sequence[str], keep: Sequence[int]) -> int:
        lab, log = self._names.namespace, self._nodes / "forward.log"
        return self._host.launch(lab, self._names.machine("forward"), [*self._network.enter(), *command], log, keep)

    def _state(self, machine: AnyMachine) -> MachineState:
        address = self._plan.address(machine.name)
        if not machine.is_on():
            return MachineState(machine.name, address, "off", 0, cut=False)
        cut = self._network.is_cut(machine.name)
        return MachineState(machine.name, address, machine.state(), machine.memory(), cut)

    def _each(self, machines: Sequence[AnyMachine], do: Callable[[AnyMachine], _Result]) -> list[_Result]:
        with ThreadPoolExecutor(max_workers=max(1, len(machines))) as pool:
            return list(pool.map(do, machines))
