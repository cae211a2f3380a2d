"""A machine's disk: a layer of its own over the image, and a folder of this computer's file system for the bricks.

GlusterFS needs extended attributes that an overlay does not give, so /srv/relevo is bound from the lab's folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from relevo.deploy.shell import CommandFailed, run
from relevo.errors import LabError
from relevo.i18n import _
from relevo.lab.contract import CLIENT
from relevo.lab.plan import INTERFACE, NetworkPlan
from relevo.services.base import template

DATA_MOUNT = "/srv/relevo"
_NETWORK_UNIT = "relevo-lab-network.service"


class Disk:
    """The disk of one machine, in the folder `nodes/<name>` of the lab."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.data = folder / "data"

    @property
    def is_new(self) -> bool:
        """Tell whether its first files are not all there yet."""
        return not (self.folder / "seeded").exists()

    def mount(self, image: Path) -> None:
        """Lay the machine's layer over the image; nothing happens when it is mounted already."""
        for name in ("layer", "work", "root", "data"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if self.root.is_mount():
            return
        layers = f"lowerdir={image},upperdir={self.folder}/layer,workdir={self.folder}/work"
        try:
            run(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.root)])
        except CommandFailed as error:
            text = _("the lab's folder must be on a disk that can hold an overlay (ext4): {error}")
            raise LabError(text.format(error=error)) from None

    def seed(self, files: Mapping[str, str]) -> None:
        """Write the first files of a new machine; keys are paths on it."""
        for path, content in files.items():
            write(self.root, path, content)

    def finish(self) -> None:
        """Mark it as complete: it is not new any more."""
        (self.folder / "seeded").touch()

    def remove(self) -> None:
        """Unmount and delete it."""
        self.unmount()
        if self.data.is_dir():  # mount points there are immutable, so that nothing is written beneath
            run(["chattr", "-R", "-f", "-i", str(self.data)], accept=(0, 1))
        shutil.rmtree(self.folder, ignore_errors=True)

    def unmount(self) -> None:
        """Take the machine's layer from the image again; nothing happens when it is not mounted."""
        while self.root.is_mount():
            run(["umount", str(self.root)])


def write(root: Path, path: str, content: str) -> None:
    """Write a file below `root`, with its folders."""
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")


def first_files(node: str, plan: NetworkPlan, name_server: str, public_key: str) -> dict[str, str]:
    """Return what an installer would have left on a fresh machine: its name, address, name server, and our key."""
    unit = template("relevo.lab", "lab-network.service.j2", address=plan.address(node), prefix=plan.prefix,
                    interface=INTERFACE, address6=plan.client6 if node == CLIENT else "")
    return {
        "/etc/hostname": f"{node}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n{plan.address(node)} {node}\n",
        "/etc/resolv.conf": f"nameserver {name_server}\n",
        "/root/.ssh/authorized_keys": public_key,
        f"/etc/systemd/system/{_NETWORK_UNIT}": unit,
    }


def finish_seed(root: Path) -> None:
    """Make the machine's own SSH host key, close root's keys to others, and enable its network."""
    (root / "root/.ssh").chmod(0o700)
    (root / "root/.ssh/authorized_keys").chmod(0o600)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(root / "etc/ssh/ssh_host_ed25519_key")])
    enable(root, _NETWORK_UNIT)


def enable(root: Path, *units: str) -> None:
    """Enable units of a machine that is off."""
    run(["systemctl", f"--root={root}", "--quiet", "enable", *units])
