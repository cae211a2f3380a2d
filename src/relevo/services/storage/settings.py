"""How each kind of storage is mounted. The command returns when the mount stands, or fails."""

from __future__ import annotations

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import MAIL_MOUNT, STORAGE_VOLUME
from relevo.services.base import Context

PID_FILE = "/run/relevo-storage.pid"
LOG_FILE = "/var/log/glusterfs/relevo-storage.log"
MAIL_GROUP_MODE = "0770"
REMEMBERED_SECONDS = 1

# NFS: `hard` since a soft mount loses writes silently; the rest as Dovecot's manual wants it for one backend a user.
NFS_OPTIONS = "vers=4.2,hard,proto=tcp,timeo=50,noatime,nodev,nosuid"


def packages(ctx: Context) -> tuple[str, ...]:
    """Return the Debian packages of the client; `e2fsprogs` brings chattr."""
    client = {"glusterfs": "glusterfs-client", "nfs": "nfs-common", "external": "nfs-common"}
    return (client[ctx.cluster.storage.kind], "e2fsprogs")


def mount_command(cluster: Cluster, node: Node) -> list[str]:
    """Return the argument list that mounts the mail store on a node."""
    storage = cluster.storage
    if storage.kind == "glusterfs":
        return _gluster(cluster, node)
    if storage.kind == "nfs":
        return ["/usr/bin/mount", "-t", "nfs4", "-o", NFS_OPTIONS, f"{cluster.storage_node.address}:/", MAIL_MOUNT]
    kind, options = storage.external_type, storage.external_options
    return ["/usr/bin/mount", "-t", kind, "-o", options, storage.external_source, MAIL_MOUNT]


def _gluster(cluster: Cluster, node: Node) -> list[str]:
    """Return the FUSE client itself, as mount.glusterfs would start it: systemd then knows its process."""
    others = [peer for peer in cluster.peers if peer is not node]
    servers = ["localhost", *(str(peer.address) for peer in others)]  # where it learns how the volume is made
    return [
        "/usr/sbin/glusterfs", "--process-name=fuse", f"--pid-file={PID_FILE}", f"--log-file={LOG_FILE}",
        "--log-level=WARNING", *(f"--volfile-server={server}" for server in servers), f"--volfile-id=/{STORAGE_VOLUME}",
        # What the kernel remembers of names. The node that waits has not looked at the mailboxes, so it has nothing to
        # remember; with 0 a delivery costs 160 look-ups on three machines, with 1 s 20.
        *(f"--{what}-timeout={REMEMBERED_SECONDS}" for what in ("attribute", "entry", "negative")),
        "--fuse-mountopts=nodev,nosuid,noexec,noatime", MAIL_MOUNT,
    ]
