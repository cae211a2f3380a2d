"""Postfix's packages and numbers."""

from __future__ import annotations

from relevo.cluster.model import Cluster
from relevo.cluster.wires import POSTFIX_CONFIGURATION
from relevo.services.base import Context

UNIT = "postfix.service"
INSTANCE_UNIT = "postfix@-.service"  # what Postfix is in packages before 3.9.1-7
OWN_UNIT_FILE = f"/etc/systemd/system/{UNIT}"  # ... and here, instead
SMTPD_DIRECTORY = "/var/spool/relevo-smtpd"  # on the local disk
RUNNING = ("pid", "private", "public")  # directories of the spool that only a running Postfix needs
CONFIGURATION = POSTFIX_CONFIGURATION
MAPS = ("domains", "mailboxes", "aliases", "senders", "own_senders", "restricted_lists")
LIST_POSTER = "/usr/local/lib/relevo/list-poster"  # started by Postfix's spawn(8) when somebody writes to a closed list
LIST_POSTER_MAP = f"{CONFIGURATION}/sql/list_poster.cf"
LIST_POSTER_USER = "relevo-lists"
QUEUE_UNIT = "relevo-queue.service"  # Postfix starts it
FINISH_SECONDS = 5  # what deliveries may take when it is stopped; as long as `postfix stop` waits
CHECKED_MARK = "/run/relevo-postfix-checked"  # the queue has been searched since it came

# A slow client holds an smtpd process, not a scanner (speed_adjust): Postfix asks Amavis when it has the whole message.
# So there may be many more of the former; ten messages waiting for each scanner are still answered within seconds.
SMTPD_PER_SCANNER = 10


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return ("postfix", "postfix-lmdb", "postfix-mysql")


def has_instances(ctx: Context) -> bool:
    """Tell whether the package starts Postfix by an instance of postfix@.service, and postfix.service is empty."""
    return ctx.facts.release.generation < 13  # noqa: PLR2004 - Debian 13


def knows_retry_interval(ctx: Context) -> bool:
    """Tell whether SQL maps can say how long a server is left alone after a failed query (Postfix 3.9 and newer)."""
    return ctx.facts.release.generation >= 13  # noqa: PLR2004 - Debian 13


def smtpd_processes(cluster: Cluster) -> int:
    """Return how many connections are served at once on each of the ports 25, 465 and 587."""
    return SMTPD_PER_SCANNER * cluster.filter.scanners
