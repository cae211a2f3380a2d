"""The files of the nightly backup on the storage machine."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.accounts_backup.settings import CREDENTIALS, FOLDER, UNIT
from relevo.services.base import Context, File, template

SERVICE_FILE = f"etc/systemd/system/{UNIT}.service"
TIMER_FILE = f"etc/systemd/system/{UNIT}.timer"


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    backup = ctx.cluster.backup
    command = [
        wires.RELEVO_PYTHON, "-m", "relevo.services.accounts_backup.copy", "--folder", FOLDER,
        "--keep-days", str(backup.keep_days), "--credentials", CREDENTIALS,
        # the second node first: the first one is more likely to hold the virtual IP and to have work to do
        *(str(node.address) for node in reversed(ctx.cluster.mail_nodes)),
    ]
    credentials = template(
        __package__, f"{CREDENTIALS.lstrip('/')}.j2",
        user=wires.DATABASE_BACKUP, password=ctx.secrets.reveal("database_backup"),
    )
    return (
        File(CREDENTIALS, credentials, mode=0o600, secret=True),
        File(f"/{SERVICE_FILE}", template(__package__, f"{SERVICE_FILE}.j2", command=" ".join(command))),
        File(f"/{TIMER_FILE}", template(__package__, f"{TIMER_FILE}.j2", at=backup.at)),
    )
