"""A machine's drive: one file, made from the same tree of files that a container would have."""

from __future__ import annotations

import shutil
from pathlib import Path

from relevo.deploy.shell import run
from relevo.lab.disk import DATA_MOUNT, Disk

_SIZE = "16G"  # sparse: it takes what is written
_MAKE_SECONDS = 600
# What the image has put to sleep because containers have no kernel, no disk and no clock of their own.
_AWAKE = (
    "run-rpc_pipefs.mount", "proc-fs-nfsd.mount", "nfs-client.target", "rpcbind.service", "rpcbind.socket",
    "fstrim.timer",
)
_CONTAINER_CLOCK = "etc/systemd/system/chrony.service.d/lab.conf"


class Drive(Disk):
    """The drive of one machine, in the folder `nodes/<name>` of the lab."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = folder / "drive.img"

    def mount(self, image: Path) -> None:
        """Lay out the tree of a new machine; nothing happens once its drive is made."""
        if self.is_new:
            super().mount(image)

    def finish(self) -> None:
        """Make the drive from the tree, and mark it as complete."""
        run(["systemctl", f"--root={self.root}", "--quiet", "unmask", *_AWAKE])
        (self.root / _CONTAINER_CLOCK).unlink(missing_ok=True)
        (self.root / DATA_MOUNT.lstrip("/")).mkdir(parents=True, exist_ok=True)
        self.file.unlink(missing_ok=True)
        run(["mke2fs", "-q", "-t", "ext4", "-d", str(self.root), str(self.file), _SIZE], within=_MAKE_SECONDS)
        self.unmount()
        shutil.rmtree(self.folder / "layer")
        super().finish()
