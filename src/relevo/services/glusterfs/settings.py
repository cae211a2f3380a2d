"""What the volume is: its bricks, its options and the reason of each."""

from __future__ import annotations

import math

from relevo.cluster.model import Cluster, Node
from relevo.services.base import Context

UNIT = "glusterd.service"
MANAGEMENT_PORT = 24007

# Who notices a dead machine, and when. The defaults (42 s ping, 27-43 s until a dead client's locks are freed) are
# made for wide networks; the machines of a cluster share one switch.
_SECONDS = {
    "network.ping-timeout": 1,  # a client gives a silent brick up after 1 s: writes stall that long at a power cut
    "server.tcp-user-timeout": 2,  # a brick gives a dead client up after 2 s and frees its locks (Postfix's queue)
    "server.keepalive-time": 1,
    "server.keepalive-interval": 1,
    "client.tcp-user-timeout": 2,
    "client.keepalive-time": 1,
    "client.keepalive-interval": 1,
    "cluster.heal-timeout": 5,  # between two looks for files to heal, where the default is ten minutes
}

_COUNTS = {
    "server.keepalive-count": "2",
    "client.keepalive-count": "2",
    # Files healed at once by one machine; the default is one. On an idle platform one is as fast (30 a second, two
    # shared cores); beside five messages a second it is 5 a second, and 15 with four: the second machine that may not
    # fail until then comes back sooner.
    "cluster.shd-max-threads": "4",
}

# Two of three, on both sides: no split brain.
_QUORUM = {
    "cluster.quorum-type": "auto",  # a client that sees one brick of three can't write
    "cluster.server-quorum-type": "server",  # a machine that sees no other one stops its own brick
    # A name that was replaced (Dovecot's index, its list of UIDs) while copies came and went may mean another file on
    # each of them, and nobody can open it: the newest wins. Messages are never replaced, an index is built anew.
    "cluster.favorite-child-policy": "mtime",
}

# One node writes at a time; when the other takes over it must see everything as it is on the bricks. So a client keeps
# no contents of its own. Attributes (performance.stat-prefetch) stay on, for they are kept for one second, a takeover
# lasts longer than that and the node that waits does not look at the other's files; without it deliveries are half as
# fast. The kernel keeps names for one second, too (services/storage).
_NO_CLIENT_CACHE = {
    "performance.quick-read": "off",  # contents of small files
    "performance.io-cache": "off",  # contents of files
    "performance.read-ahead": "off",  # the same, ahead of the reader; the kernel does it within an open file
    "performance.open-behind": "off",  # opens a file when it is first read: by then another may have renamed it
    # Errors of a write are to reach the one who wrote: with write-behind they come at fsync, which both Postfix and
    # Dovecot call before they say that a message is safe; close() must not return earlier than its data.
    "performance.flush-behind": "off",
}


# What bricks keep beside the file systems' own knowledge, and what went wrong with it after copies had been healed
# (GlusterFS 11.1): times of folders that were garbage (the year 2446), and owners that stayed unknown, so that Postfix
# could not open its queue. Times and owners come from the brick's file system; that nobody oversteps his permissions
# the kernel of each client sees to (the mount's `default_permissions`), and no other machine is a client.
_PLAIN_BRICKS = {
    "features.ctime": "off",
    "features.acl": "disable",
}


# With eager locks, which are the default, a write takes over the lock of the one before it, also when that came by
# another open file of the same name, and the last one gives it back by its own. One that was opened while a brick was
# away is not open there, so there the lock is never given back (GlusterFS 11.1): the healing of that file waits for it
# on this brick, the next write waits for the healing on the others, and the mailbox hangs until the mount is made anew.
# Seen with two mailboxes for eight minutes when a bare machine had replaced a dead one.
_LOCKS = {
    "cluster.eager-lock": "off",
}


def packages(ctx: Context) -> tuple[str, ...]:
    """Return the Debian packages: the server everywhere, the FUSE client where mail is."""
    return ("glusterfs-server", "glusterfs-client") if ctx.node.is_mail else ("glusterfs-server",)


def volume_options(cluster: Cluster) -> dict[str, str]:
    """Return every option of the volume that is not Gluster's default."""
    allowed = ",".join(["127.0.0.1", *(str(node.address) for node in cluster.peers)])
    timing = {name: str(math.ceil(seconds * cluster.failover.patience)) for name, seconds in _SECONDS.items()}
    return {
        **timing, **_COUNTS, **_QUORUM, **_NO_CLIENT_CACHE, **_PLAIN_BRICKS, **_LOCKS, "auth.allow": allowed,
    }


def brick_of(cluster: Cluster, node: Node) -> str:
    """Return a machine's brick as Gluster names it. By address, so that storage does not need the name service."""
    return f"{node.address}:{cluster.storage.brick}"


def bricks(cluster: Cluster) -> tuple[str, ...]:
    """Return the bricks in their order: data, data, arbiter (names and attributes only, no contents)."""
    return tuple(brick_of(cluster, node) for node in (*cluster.mail_nodes, cluster.storage_node))
