"""The second Postfix's configuration, its unit and the unit of its mount."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.cluster.mounting import StoreMount, mount_command
from relevo.services.adoption import settings
from relevo.services.base import Context, File, template

_FILES = (
    f"{settings.CONFIGURATION.lstrip('/')}/main.cf",
    f"{settings.CONFIGURATION.lstrip('/')}/master.cf",
    f"etc/systemd/system/{settings.STORE_UNIT}",
    f"etc/systemd/system/{wires.ADOPTED_UNIT}",
    "etc/systemd/system/relevo-agent.service.d/adoption.conf",
)


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files for the other mail node's queue; none of them holds a secret."""
    return tuple(File(f"/{path}", _text(ctx, path)) for path in _FILES)


def _text(ctx: Context, path: str) -> str:
    other, megabyte = ctx.cluster.other_mail_node(ctx.node).name, 1024 * 1024
    remembered = settings.REMEMBERED_SECONDS if ctx.cluster.storage.kind == "glusterfs" else 0
    mount = StoreMount(wires.ADOPTED_MOUNT, settings.STORE_PID_FILE, settings.STORE_LOG_FILE, remembered)
    return template(
        __package__, f"{path}.j2", cluster=ctx.cluster, wires=wires, settings=settings, other=other,
        release=ctx.facts.release, queue=settings.adopted_queue(other),
        quarantine=wires.quarantine_mailbox(ctx.cluster.domain), held=wires.held_mailbox(ctx.cluster.domain),
        size=ctx.cluster.mail.message_size_mb * megabyte, mount=" ".join(mount_command(ctx.cluster, ctx.node, mount)),
    )
