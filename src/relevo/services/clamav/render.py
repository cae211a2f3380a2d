"""ClamAV's configuration files, its drop-ins and the EICAR signature."""

from __future__ import annotations

from relevo.cluster.wires import CLAMD_SOCKET
from relevo.services.base import Context, File, template
from relevo.services.clamav.settings import DATABASE_DIRECTORY, EICAR, EICAR_SIGNATURE, SOCKET_UNIT, UNIT


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; freshclam's own configuration stays Debian's."""
    return (
        File(EICAR_SIGNATURE, f"Relevo-Eicar-Test:0:*:{EICAR.encode().hex()}\n", owner="clamav", group="clamav"),
        _file("etc/clamav/clamd.conf", ctx),
        _file(f"etc/systemd/system/{UNIT}.d/relevo.conf", ctx),
        _file(f"etc/systemd/system/{SOCKET_UNIT}.d/relevo.conf", ctx),
    )


def _file(path: str, ctx: Context) -> File:
    text = template(
        __package__, f"{path}.j2", socket=CLAMD_SOCKET, database=DATABASE_DIRECTORY, signature=EICAR_SIGNATURE,
        scanners=ctx.cluster.filter.scanners, size_mb=ctx.cluster.mail.message_size_mb,
    )
    return File(f"/{path}", text)
