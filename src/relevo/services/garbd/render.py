"""The files of garbd on the storage machine."""

from __future__ import annotations

from relevo.cluster.wires import GALERA_GROUP, GALERA_PORT, galera_timing
from relevo.services.base import Context, File, template
from relevo.services.garbd.settings import STATE

DEFAULTS = "etc/default/garb"
DROP_IN = "etc/systemd/system/garb.service.d/relevo.conf"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    defaults = template(
        __package__, f"{DEFAULTS}.j2",
        nodes=" ".join(f"{node.address}:{GALERA_PORT}" for node in ctx.cluster.mail_nodes), group=GALERA_GROUP,
        options=f"{galera_timing(ctx.cluster)};gmcast.listen_addr=tcp://{ctx.node.address}:{GALERA_PORT}", state=STATE,
    )
    drop_in = template(
        __package__, f"{DROP_IN}.j2", state_directory=STATE.rsplit("/", 1)[1], state=STATE,
        stop_seconds=ctx.cluster.failover.paced(10),
    )
    return (File(f"/{DEFAULTS}", defaults, check=("bash", "-n", "{}")), File(f"/{DROP_IN}", drop_in))
