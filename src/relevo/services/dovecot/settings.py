"""Dovecot's packages and places."""

from __future__ import annotations

from relevo.cluster.wires import QUARANTINE_FOR_HEADER, QUARANTINE_WHY_HEADER
from relevo.services.base import Context

UNIT = "dovecot.service"
CONFIGURATION = "/etc/dovecot/dovecot.conf"
SQL_CONFIGURATION = "/etc/dovecot/relevo-sql.conf"
SQL_APP_CONFIGURATION = "/etc/dovecot/relevo-sql-app.conf"  # of 2.3, which has a file a query
SPAM_SCRIPT = "/etc/dovecot/sieve/spam-to-junk.sieve"
VOLATILE_DIRECTORY = "/run/relevo-mail"
_HEADERS = (
    QUARANTINE_FOR_HEADER, QUARANTINE_WHY_HEADER, "X-Quarantine-ID", "X-Envelope-From", "From", "Subject", "Received",
)
CACHED = " ".join(["size.physical", "date.received", *(f"hdr.{name.lower()}" for name in _HEADERS)])


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return (
        "dovecot-core", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd", "dovecot-mysql", "dovecot-sieve",
        "dovecot-managesieved",
    )
