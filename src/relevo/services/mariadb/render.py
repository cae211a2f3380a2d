"""The files of MariaDB on a mail node."""

from __future__ import annotations

from relevo.cluster.wires import GALERA_GROUP, GALERA_PORT, galera_timing
from relevo.services.base import Context, File, template
from relevo.services.mariadb import own_certificate
from relevo.services.mariadb.settings import STOP_SECONDS, buffer_pool_mb

CONFIGURATION = "etc/mysql/mariadb.conf.d/90-relevo.cnf"
DROP_IN = "etc/systemd/system/mariadb.service.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    address = str(ctx.node.address)
    configuration = template(
        __package__, f"{CONFIGURATION}.j2",
        node=ctx.node.name, address=address, group=GALERA_GROUP, port=GALERA_PORT, timing=galera_timing(ctx.cluster),
        members=",".join(str(node.address) for node in ctx.cluster.mail_nodes),
        buffer_pool_mb=buffer_pool_mb(ctx.facts.memory_mb), own_certificate=own_certificate.wanted(ctx),
        certificate=own_certificate.CERTIFICATE, key=own_certificate.KEY,
    )
    drop_in = template(__package__, f"{DROP_IN}.j2", stop_seconds=ctx.cluster.failover.paced(STOP_SECONDS))
    return (
        File(f"/{CONFIGURATION}", configuration, check=("mariadbd", "--defaults-file={}", "--help", "--user=mysql")),
        File(f"/{DROP_IN}", drop_in),
    )
