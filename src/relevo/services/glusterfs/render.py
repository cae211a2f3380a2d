"""The files of GlusterFS on a node; its volume's options live in Gluster itself (see settings.py)."""

from __future__ import annotations

from relevo.cluster.wires import GLUSTER_BRICK_PORTS
from relevo.services.base import Context, File, template
from relevo.services.glusterfs.settings import MANAGEMENT_PORT

DROP_IN = "etc/systemd/system/glusterd.service.d/relevo.conf"
DAEMON_FILE = "etc/glusterfs/glusterd.vol"


def render(_: Context) -> tuple[File, ...]:
    """Return the files."""
    return (File(f"/{DROP_IN}", template(__package__, f"{DROP_IN}.j2")), daemon_file())


def daemon_file() -> File:
    """Return what glusterd reads at its start."""
    first, _, last = GLUSTER_BRICK_PORTS.partition(":")
    return File(
        f"/{DAEMON_FILE}",
        template(
            __package__, f"{DAEMON_FILE}.j2",
            management_port=MANAGEMENT_PORT, first_brick_port=first, last_brick_port=last,
        ),
    )
