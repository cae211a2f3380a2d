"""The kinds of machines, how one comes to be, and when it can be used."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TypeAlias

from relevo.cluster.model import Cluster
from relevo.deploy.shell import CommandFailed, allow, succeeds, wait_until
from relevo.errors import LabError
from relevo.i18n import _, gettext_noop
from relevo.lab import outlook
from relevo.lab.client.setup import platform_name_servers, set_up_client
from relevo.lab.contract import CLIENT
from relevo.lab.disk import finish_seed, first_files
from relevo.lab.nspawn.machine import Machine
from relevo.lab.plan import NetworkPlan
from relevo.lab.vm import qemu
from relevo.lab.vm.machine import VirtualMachine
from relevo.lab.workspace import Workspace

_TOOLS = ("systemd-nspawn", "mmdebstrap", "ip", "nsenter", "nc", "nft", "ssh", "ssh-keygen")
AnyMachine: TypeAlias = Machine | VirtualMachine
SLOW = gettext_noop("guests don't run on this computer's processor itself (KVM): the machines are emulated, and slow")
_PATIENCE_EMULATED = 10


def kind_of(name: str, *, virtual: bool) -> type[Machine | VirtualMachine]:
    """Return what a machine is; the client stays a container, since programs of this computer run in its network."""
    return VirtualMachine if virtual and name != CLIENT else Machine


def install(machine: AnyMachine, cluster: Cluster, plan: NetworkPlan, workspace: Workspace, clients: Path) -> None:
    """Write the first files of a new machine on its mounted disk; `clients`: the folder of the client's outlook."""
    machine.disk.seed(first_files(machine.name, plan, plan.address(CLIENT), workspace.public_key()))
    finish_seed(machine.disk.root)
    if machine.name == CLIENT:
        set_up_client(machine.disk.root, cluster, plan)
        outlook.write(clients, platform_name_servers(cluster))
    machine.disk.finish()


def wait_for_ssh(machine: AnyMachine, workspace: Workspace) -> None:
    """Wait until SSH answers; raise LabError that says where to look."""
    options = ["-F", str(workspace.ssh_config), "-o", "BatchMode=yes", "-o", "ConnectTimeout=2"]
    probe = ["ssh", *options, machine.name, "true"]
    try:
        what = _("SSH on {name}").format(name=machine.name)
        wait_until(lambda: succeeds(probe), within=machine.boot_seconds, what=what, every=0.2)
    except CommandFailed as error:
        text = _("{error}; what it said while booting is in {log}")
        raise LabError(text.format(error=error, log=machine.log)) from None


def is_emulated(image: Path) -> bool:
    """Tell whether virtual machines of this image are emulated here."""
    return qemu.is_emulated(qemu.kernel(image)[0])


def allow_time(*, slow: bool) -> None:
    """Give commands the time that emulated machines need, unless who runs this has said how much."""
    if slow:
        allow(_PATIENCE_EMULATED)


def demand_root_and_tools() -> None:
    """Refuse to begin without what every lab needs."""
    if os.geteuid() != 0:
        raise LabError(_("the lab makes network namespaces and mounts, which only root may: run it with sudo"))
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        text = _("missing on this computer: {programs}; tools/bootstrap installs what a lab needs")
        raise LabError(text.format(programs=", ".join(missing)))


def demand_qemu() -> None:
    """Refuse to begin without what virtual machines need."""
    if shutil.which(qemu.PROGRAM) is None:
        text = _("missing on this computer: {program}; tools/bootstrap --vm installs it")
        raise LabError(text.format(program=qemu.PROGRAM))
