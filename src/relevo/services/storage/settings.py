"""The mail store's mount on a mail node."""

from __future__ import annotations

from relevo.cluster import mounting
from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import MAIL_MOUNT
from relevo.services.base import Context

PID_FILE = "/run/relevo-storage.pid"
LOG_FILE = "/var/log/glusterfs/relevo-storage.log"
MAIL_GROUP_MODE = "0770"
# What the kernel remembers of names. The node that waits has not looked at the mailboxes, so it has nothing to
# remember; with 0 a delivery costs 160 look-ups on three machines, with 1 s 20.
REMEMBERED_SECONDS = 1


def packages(ctx: Context) -> tuple[str, ...]:
    """Return the Debian packages of the client; `e2fsprogs` brings chattr."""
    client = {"glusterfs": "glusterfs-client", "nfs": "nfs-common", "external": "nfs-common"}
    return (client[ctx.cluster.storage.kind], "e2fsprogs")


def mount_command(cluster: Cluster, node: Node) -> list[str]:
    """Return the argument list that mounts the mail store on a node."""
    mount = mounting.StoreMount(MAIL_MOUNT, PID_FILE, LOG_FILE, REMEMBERED_SECONDS)
    return mounting.mount_command(cluster, node, mount)
