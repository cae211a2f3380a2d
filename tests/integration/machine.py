"""The disk of a machine that is not booted: a layer over the lab's image, with a node's files laid down on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from relevo.lab.disk import Disk
from relevo.services import SERVICES
from relevo.services.base import Context, File

# What it has of a network: a loopback, and the node's address on an interface whose other end is loose.
_NETWORK = """\
ip link set lo up
ip link add eth0 type veth peer name loose
ip link set loose up
ip link set eth0 up
ip address add "$0/24" dev eth0
ip -6 address add fd00:100::1/64 dev eth0 nodad
exec "$@"
"""
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    """A disk, and commands that see it as their root, in a network and with processes of their own."""

    def __init__(self, disk: Disk) -> None:
        self.root = disk.root
        self._address = "192.0.2.1"

    def lay_down(self, ctx: Context) -> None:
        """Write all that the services of a node want, with their owners; users of ours are made first."""
        self._address = str(ctx.node.address)
        for service in SERVICES:
            if service.runs_on(ctx.cluster, ctx.node):
                for file in service.render(ctx):
                    self._write(file)

    def run(self, command: Sequence[str], within: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command on it."""
        apart = ["unshare", "--net", "--pid", "--fork", "--kill-child", f"--mount-proc={self.root}/proc"]
        there = ["chroot", str(self.root), "env", "-i", _PATH, "LC_ALL=C.UTF-8", "HOME=/root", *command]
        return subprocess.run(
            [*apart, "sh", "-ec", _NETWORK, self._address, *there],
            capture_output=True, text=True, errors="replace", timeout=within, check=False,
        )

    def _write(self, file: File) -> None:
        path = self.root / file.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(file.data)
        os.chown(path, self._number("passwd", file.owner), self._number("group", file.group))
        path.chmod(file.mode)

    def _number(self, database: str, name: str) -> int:
        for line in (self.root / "etc" / database).read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split(":")[2])
        self.run(["useradd", "--system", "--user-group", name])
        return self._number(database, name)


@contextmanager
def machine(image: Path, folder: Path) -> Iterator[Machine]:
    """Have a disk over an image in a folder, which must be on a file system that can hold an overlay."""
    disk = Disk(folder)
    disk.mount(image)
    try:
        yield Machine(disk)
    finally:
        disk.remove()
        shutil.rmtree(folder, ignore_errors=True)
