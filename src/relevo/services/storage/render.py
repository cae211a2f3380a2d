"""The unit that mounts the mail store."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.storage.settings import MAIL_GROUP_MODE, PID_FILE, mount_command

UNIT_FILE = f"etc/systemd/system/{wires.STORAGE_UNIT}"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    text = template(
        __package__, f"{UNIT_FILE}.j2",
        kind=ctx.cluster.storage.kind, mount=" ".join(mount_command(ctx.cluster, ctx.node)), pid_file=PID_FILE,
        mount_point=wires.MAIL_MOUNT, mailboxes=wires.MAILBOX_ROOT, mailbox_mode=MAIL_GROUP_MODE,
        user=wires.VMAIL_UID, group=wires.VMAIL_GID, queues=wires.QUEUE_ROOT,
        queue=wires.queue_directory(ctx.node.name),
        shared=wires.SHARED_STATE,
        own=f"{wires.SHARED_STATE}/{ctx.node.name}",
    )
    return (File(f"/{UNIT_FILE}", text),)
