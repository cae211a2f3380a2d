"""Where the Postfix that works on the other node's queue has its files. Its packages are those of its neighbours."""

from __future__ import annotations

from relevo.cluster import wires

CONFIGURATION = wires.ADOPTED_CONFIGURATION
DATA = "/var/lib/postfix-adopted"
SPOOL = "/var/spool/postfix-adopted"  # sockets and locks, and links to the messages
STORE_UNIT = "relevo-adopted-store.service"  # the mount; ADOPTED_UNIT starts and stops it
STORE_PID_FILE = "/run/relevo-adopted-store.pid"
STORE_LOG_FILE = "/var/log/glusterfs/relevo-adopted-store.log"
# Of the mount with GlusterFS. It is new at each adoption: what it remembers it has seen since the owner was cut off;
# nobody else works in that queue. With 0 each step on the way to a file is looked up on every machine, every time.
REMEMBERED_SECONDS = 1
MAIN_PROCESS = "/usr/lib/postfix/sbin/master"
FINISH_SECONDS = 3  # what its deliveries may take when the queue is handed back; less than its TimeoutStopSec


def adopted_queue(node_name: str) -> str:
    """Return a node's queue directory as it is seen through the mount of adoptions."""
    return wires.ADOPTED_MOUNT + wires.queue_directory(node_name).removeprefix(wires.MAIL_MOUNT)
