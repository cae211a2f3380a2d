"""How a machine is started with QEMU: its command line, and whether the processor's own virtualisation can be used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from relevo.deploy.shell import succeeds
from relevo.errors import LabError
from relevo.i18n import _

PROGRAM = "qemu-system-x86_64"
MEMORY_MB, PROCESSORS = 3072, 2
_KVM, _EMULATION = "kvm", "tcg,thread=multi"
_KVM_SECONDS = 20
AGENT_PORT = "org.qemu.guest_agent.0"  # by this name qemu-ga finds its line


@dataclass(frozen=True)
class Wiring:
    """What a machine is connected to on this computer: its drive, its network port, the sockets of its dialogues."""

    drive: Path
    port: str
    mac: str
    monitor: Path
    agent: Path


def kernel(image: Path) -> tuple[Path, Path]:
    """Return the newest kernel of an image and its first file system."""
    kernels = sorted((image / "boot").glob("vmlinuz-*"), key=_version)
    if not kernels:
        raise LabError(_("the image {image} has no kernel to boot").format(image=image))
    newest = kernels[-1]
    return newest, newest.with_name(newest.name.replace("vmlinuz", "initrd.img"))


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.name)]


@cache
def accelerator(boot: Path) -> str:
    """Return the fastest way in which a guest really runs here.

    /dev/kvm alone proves nothing, there are computers on which guests hang on it: a kernel without a disk must get as
    far as to miss it, and end.
    """
    guest = [PROGRAM, "-accel", _KVM, "-m", "256", "-kernel", str(boot), "-append", "panic=-1", "-no-reboot",
             "-display", "none", "-net", "none"]
    return _KVM if Path("/dev/kvm").exists() and succeeds(guest, within=_KVM_SECONDS) else _EMULATION


def is_emulated(boot: Path) -> bool:
    """Tell whether each instruction is translated, which makes machines some ten times slower."""
    return accelerator(boot) == _EMULATION


def command_line(image: Path, wiring: Wiring) -> list[str]:
    """Return the argument list of a machine; its console is the standard output."""
    boot, first = kernel(image)
    return [
        PROGRAM, "-accel", accelerator(boot), "-machine", "q35", "-m", str(MEMORY_MB), "-smp", str(PROCESSORS),
        "-nodefaults", "-display", "none", "-serial", "stdio",
        "-kernel", str(boot), "-initrd", str(first),
        "-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0 panic=10 quiet",
        *_drive(wiring), *_network(wiring), *_dialogues(wiring), "-device", "virtio-rng-pci",
    ]


def _drive(wiring: Wiring) -> Sequence[str]:
    # "writeback": what the machine has synced is in this computer's page cache, which outlives a killed QEMU.
    return ("-drive", f"file={wiring.drive},format=raw,if=virtio,cache=writeback,discard=unmap")


def _network(wiring: Wiring) -> Sequence[str]:
    return (
        "-netdev", f"tap,id=cable,ifname={wiring.port},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=cable,mac={wiring.mac},id=card",
    )


def _dialogues(wiring: Wiring) -> Sequence[str]:
    return (
        "-qmp", f"unix:{wiring.monitor},server=on,wait=off",
        "-chardev", f"socket,id=agent,path={wiring.agent},server=on,wait=off",
        "-device", "virtio-serial-pci", "-device", f"virtserialport,chardev=agent,name={AGENT_PORT}",
    )
