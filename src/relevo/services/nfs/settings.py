"""Constants of the NFS server."""

from __future__ import annotations

from relevo.cluster.wires import STATE_DIRECTORY
from relevo.services.base import Context

UNIT = "nfs-server.service"
MARK = ".relevo-export"  # in the exported directory: tells it from the empty place where its disk should be mounted
NOTE = f"{STATE_DIRECTORY}/nfs-export"  # that the mark was made once
LEASE_SECONDS = 10
THREADS = 16


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return ("nfs-kernel-server",)
