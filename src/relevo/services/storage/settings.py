"""The mail store's mount on a mail node."""

from __future__ import annotations

from relevo.cluster import mounting
from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import MAIL_MOUNT, NEXT_MOUNT
from relevo.services.base import Context

PID_FILE = "/run/relevo-storage.pid"
LOG_FILE = "/var/log/glusterfs/relevo-storage.log"
NEXT_PID_FILE = "/run/relevo-next-store.pid"
NEXT_LOG_FILE = "/var/log/glusterfs/relevo-next-store.log"
MAIL_GROUP_MODE = "0770"
# What the kernel remembers of names. The node that waits has not looked at the mailboxes, so it has nothing to
# remember; with 0 a delivery costs 160 look-ups on three machines, with 1 s 20.
REMEMBERED_SECONDS = 1


def packages(ctx: Context) -> tuple[str, ...]:
    """Return the Debian packages of the client; `e2fsprogs` brings chattr, `rsync` moves the mail to another store."""
    client = {"glusterfs": "glusterfs-client", "nfs": "nfs-common", "external": "nfs-common"}
    return (*(client[kind] for kind in ctx.cluster.storage.kinds), "e2fsprogs", "rsync")


def mount_command(cluster: Cluster, node: Node) -> list[str]:
    """Return the argument list that mounts the mail store on a node."""
    mount = mounting.StoreMount(MAIL_MOUNT, PID_FILE, LOG_FILE, REMEMBERED_SECONDS)
    return mounting.mount_command(cluster, node, mount)


def next_mount_command(cluster: Cluster, node: Node) -> list[str]:
    """Return the argument list that mounts, beside the mail store, the one to which the mail is being moved."""
    mount = mounting.StoreMount(NEXT_MOUNT, NEXT_PID_FILE, NEXT_LOG_FILE, REMEMBERED_SECONDS)
    return mounting.mount_command(cluster.with_storage(cluster.storage.coming), node, mount)
