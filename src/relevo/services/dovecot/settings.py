"""Dovecot's packages and places."""

from __future__ import annotations

from relevo.services.base import Context

UNIT = "dovecot.service"
CONFIGURATION = "/etc/dovecot/dovecot.conf"
SQL_CONFIGURATION = "/etc/dovecot/relevo-sql.conf"
SQL_APP_CONFIGURATION = "/etc/dovecot/relevo-sql-app.conf"  # of 2.3, which has a file a query
SPAM_SCRIPT = "/etc/dovecot/sieve/spam-to-junk.sieve"
VOLATILE_DIRECTORY = "/run/relevo-mail"


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return (
        "dovecot-core", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd", "dovecot-mysql", "dovecot-sieve",
        "dovecot-managesieved",
    )
