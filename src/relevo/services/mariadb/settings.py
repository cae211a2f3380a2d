"""Constants of the database, and how much memory it takes."""

from __future__ import annotations

from relevo.cluster.wires import SHARED_STATE
from relevo.services.base import Context

UNIT = "mariadb.service"
DATA = "/var/lib/mysql"
NOTE = f"{SHARED_STATE}/database"  # on the shared storage: the UUID of the cluster that was made, for ever
START_SECONDS = 300  # a state transfer of a few gigabytes fits in
STOP_SECONDS = 30

_SMALLEST_POOL, _LARGEST_POOL = 64, 256  # MiB; accounts and webmail sessions of some thousand people fit in
_POOL_SHARE = 16  # a sixteenth of the memory: mail filters need the rest


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages; mariadb-backup and socat are what a state transfer is made with."""
    return ("mariadb-server", "mariadb-client", "mariadb-backup", "galera-4", "socat")


def buffer_pool_mb(memory_mb: int) -> int:
    """Return InnoDB's buffer pool in MiB for a machine with that much memory."""
    return max(_SMALLEST_POOL, min(_LARGEST_POOL, memory_mb // _POOL_SHARE))
