"""Constants of the nightly backup."""

from __future__ import annotations

from relevo.cluster.wires import STATE_DIRECTORY
from relevo.services.base import Context

UNIT = "relevo-accounts-backup"
FOLDER = f"{STATE_DIRECTORY}/backups/accounts"
CREDENTIALS = "/etc/relevo/accounts-backup.cnf"
PREFIX, SUFFIX = "accounts-", ".sql.gz"
OLDEST_GOOD_HOURS = 26  # a night, and what a slow one may be late


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages: mariadb-dump and the client for a restore."""
    return ("mariadb-client",)
