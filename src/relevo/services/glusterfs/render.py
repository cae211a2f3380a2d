"""The files of GlusterFS on a node; its volume's options live in Gluster itself (see settings.py)."""

from __future__ import annotations

from relevo.services.base import Context, File, template

DROP_IN = "etc/systemd/system/glusterd.service.d/relevo.conf"


def render(_: Context) -> tuple[File, ...]:
    """Return the files."""
    return (File(f"/{DROP_IN}", template(__package__, f"{DROP_IN}.j2")),)
