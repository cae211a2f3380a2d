"""The files of the NFS server on the storage machine."""

from __future__ import annotations

from relevo.services.base import Context, File, template
from relevo.services.nfs.settings import LEASE_SECONDS, THREADS

EXPORTS = "etc/exports.d/relevo.exports"
CONFIGURATION = "etc/nfs.conf.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    exports = template(
        __package__, f"{EXPORTS}.j2",
        export=ctx.cluster.storage.export, clients=[str(node.address) for node in ctx.cluster.mail_nodes],
    )
    configuration = template(
        __package__, f"{CONFIGURATION}.j2", address=ctx.node.address, lease=LEASE_SECONDS, threads=THREADS
    )
    return (
        File(f"/{EXPORTS}", exports),
        File(f"/{CONFIGURATION}", configuration, check=("nfsconf", "--file", "{}", "--dump")),
    )
