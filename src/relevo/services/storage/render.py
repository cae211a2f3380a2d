"""The unit that mounts the mail store."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.storage.settings import (
    MAIL_GROUP_MODE,
    NEXT_PID_FILE,
    PID_FILE,
    mount_command,
    next_mount_command,
)

UNIT_FILE = f"etc/systemd/system/{wires.STORAGE_UNIT}"
NEXT_UNIT_FILE = f"etc/systemd/system/{wires.NEXT_STORE_UNIT}"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files: the mount's unit, and while the mail is being moved that of the new store."""
    return (mount_unit(ctx), *((_next_unit(ctx),) if ctx.cluster.storage.moving_to else ()))


def mount_unit(ctx: Context) -> File:
    """Return the unit that mounts the mail store."""
    text = template(
        __package__, f"{UNIT_FILE}.j2",
        kind=ctx.cluster.storage.kind, mount=" ".join(mount_command(ctx.cluster, ctx.node)), pid_file=PID_FILE,
        failover=ctx.cluster.failover,
        mount_point=wires.MAIL_MOUNT, mailboxes=wires.MAILBOX_ROOT, mailbox_mode=MAIL_GROUP_MODE,
        user=wires.VMAIL_UID, group=wires.VMAIL_GID, queues=wires.QUEUE_ROOT,
        queue=wires.queue_directory(ctx.node.name),
        shared=wires.SHARED_STATE,
        own=f"{wires.SHARED_STATE}/{ctx.node.name}", left=wires.left_mark(ctx.cluster.storage.kind),
    )
    return File(f"/{UNIT_FILE}", text)


def _next_unit(ctx: Context) -> File:
    text = template(
        __package__, f"{NEXT_UNIT_FILE}.j2", kind=ctx.cluster.storage.moving_to, mount_point=wires.NEXT_MOUNT,
        pid_file=NEXT_PID_FILE, mount=" ".join(next_mount_command(ctx.cluster, ctx.node)),
    )
    return File(f"/{NEXT_UNIT_FILE}", text)
