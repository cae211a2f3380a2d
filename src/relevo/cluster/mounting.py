"""How each kind of storage is mounted: argument lists, nothing is run here.

Two services mount the mail store, each for its own purpose: `storage` for the node's own work, `adoption` to see a dead
node's queue.
"""

from __future__ import annotations

from dataclasses import dataclass

from relevo.cluster.model import Cluster, Node
from relevo.cluster.wires import STORAGE_VOLUME

# NFS: `hard` since a soft mount loses writes silently; the rest as Dovecot's manual wants it for one backend a user.
NFS_OPTIONS = "vers=4.2,hard,proto=tcp,timeo=50,noatime,nodev,nosuid"
# nfs(5). Also what makes it a mount of its own: one with equal options would share the first one's memory.
NFS_REMEMBERS_NOTHING = "noac,lookupcache=none"
_REMEMBERING = frozenset({"actimeo", "noac", "acregmin", "acregmax", "acdirmin", "acdirmax"})


@dataclass(frozen=True)
class StoreMount:
    """One mount of the mail store.

    `remembered_seconds`: for how long the kernel remembers names and attributes. NFS's own default is 30 s and more for
    folders: a node that had looked into one did not see for so long what the other one had put there (Linux 6.12).
    """

    point: str
    pid_file: str
    log_file: str
    remembered_seconds: int


def mount_command(cluster: Cluster, node: Node, mount: StoreMount) -> list[str]:
    """Return the argument list that mounts the mail store on a node. It returns when the mount stands, or fails."""
    storage = cluster.storage
    if storage.kind == "glusterfs":
        return _gluster(cluster, node, mount)
    if storage.kind == "nfs":
        return _kernel("nfs4", NFS_OPTIONS, f"{cluster.storage_node.address}:/", mount)
    return _kernel(storage.external_type, storage.external_options, storage.external_source, mount)


def _kernel(kind: str, options: str, source: str, mount: StoreMount) -> list[str]:
    if kind.startswith("nfs"):
        options = _remembering(options, mount.remembered_seconds)
    return ["/usr/bin/mount", "-t", kind, "-o", options, source, mount.point]


def _remembering(options: str, seconds: int) -> str:
    """Return options of NFS (nfs(5)) with how long it remembers; what the operator has chosen stays."""
    if seconds == 0:
        return f"{options},{NFS_REMEMBERS_NOTHING}"
    names = {option.partition("=")[0] for option in options.split(",")}
    return options if names & _REMEMBERING else f"{options},actimeo={seconds}"


def _gluster(cluster: Cluster, node: Node, mount: StoreMount) -> list[str]:
    """Return the FUSE client itself, as mount.glusterfs would start it: systemd then knows its process."""
    others = [peer for peer in cluster.peers if peer is not node]
    servers = ["localhost", *(str(peer.address) for peer in others)]  # where it learns how the volume is made
    return [
        "/usr/sbin/glusterfs", "--process-name=fuse", f"--pid-file={mount.pid_file}", f"--log-file={mount.log_file}",
        "--log-level=WARNING", *(f"--volfile-server={server}" for server in servers), f"--volfile-id=/{STORAGE_VOLUME}",
        *(f"--{what}-timeout={mount.remembered_seconds}" for what in ("attribute", "entry", "negative")),
        "--fuse-mountopts=nodev,nosuid,noexec,noatime", mount.point,
    ]
