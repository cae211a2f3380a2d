"""Dovecot's configuration, its Sieve script and the drop-in."""

from __future__ import annotations

from relevo.cluster import wires
from relevo.services.base import Context, File, template
from relevo.services.dovecot.settings import (
    CACHED,
    CONFIGURATION,
    SPAM_SCRIPT,
    SQL_APP_CONFIGURATION,
    SQL_CONFIGURATION,
    UNIT,
    VOLATILE_DIRECTORY,
)


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files; the one with the database's password is apart and secret."""
    folder = ctx.facts.release.programs.dovecot  # a language each: 2.4 reads nothing of what 2.3 read
    return (
        *(_file(ctx, folder, path, mode=0o600, secret=True) for path in _with_password(folder)),
        _file(ctx, folder, SPAM_SCRIPT),
        _file(ctx, folder, CONFIGURATION, check=("doveconf", "-c", "{}", "-n")),
        _file(ctx, "common", "/etc/tmpfiles.d/relevo-dovecot.conf"),
        _file(ctx, "common", f"/etc/systemd/system/{UNIT}.d/relevo.conf"),
    )


def _with_password(folder: str) -> tuple[str, ...]:
    return (SQL_APP_CONFIGURATION, SQL_CONFIGURATION) if folder == "2.3" else (SQL_CONFIGURATION,)


def _file(
    ctx: Context, folder: str, path: str, *, mode: int = 0o644, secret: bool = False, check: tuple[str, ...] = ()
) -> File:
    text = template(
        __package__, f"{folder}{path}.j2", cluster=ctx.cluster, wires=wires, spam_script=SPAM_SCRIPT,
        password=ctx.secrets.reveal("database_dovecot") if secret else "", volatile=VOLATILE_DIRECTORY,
        cached=CACHED, sql=SQL_CONFIGURATION, sql_app=SQL_APP_CONFIGURATION,
    )
    return File(path, text, mode=mode, secret=secret, check=check)
