"""Dovecot's packages and places."""

from __future__ import annotations

from relevo.errors import ConfigurationError
from relevo.services.base import Context, Release

UNIT = "dovecot.service"
CONFIGURATION = "/etc/dovecot/dovecot.conf"
SQL_CONFIGURATION = "/etc/dovecot/relevo-sql.conf"
SPAM_SCRIPT = "/etc/dovecot/sieve/spam-to-junk.sieve"
VOLATILE_DIRECTORY = "/run/relevo-mail"

_DIALECTS = {13: "2.4"}


def packages(_: Context) -> tuple[str, ...]:
    """Return the Debian packages."""
    return (
        "dovecot-core", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd", "dovecot-mysql", "dovecot-sieve",
        "dovecot-managesieved",
    )


def dialect(release: Release) -> str:
    """Return the template folder for that release's Dovecot: 2.4 reads nothing of what 2.3 read."""
    if release.generation not in _DIALECTS:
        raise ConfigurationError(
            f"{release.distribution} {release.version} has Dovecot 2.3, which Relevo does not configure: use Debian 13"
        )
    return _DIALECTS[release.generation]
