"""The files of the webmail: Roundcube's configuration and a PHP pool of its own."""

from __future__ import annotations

from urllib.parse import quote

from relevo.cluster.wires import (
    DATABASE,
    DATABASE_ROUNDCUBE,
    MYSQL_SOCKET,
    ROUNDCUBE_DATABASE,
    TLS_CA,
    VIEW_PASSWORDS,
    WEBMAIL_FPM_SOCKET,
)
from relevo.services.base import Context, File, template
from relevo.services.roundcube import settings


def render(ctx: Context) -> tuple[File, ...]:
    """Return the files."""
    return (_config(ctx), *php_files(ctx))


def php_files(ctx: Context) -> tuple[File, ...]:
    """Return what PHP reads at its start (Roundcube's configuration is read with each request)."""
    size = ctx.cluster.mail.message_size_mb
    php = ctx.facts.release.php
    pool = template(
        __package__, "etc/php/fpm/pool.d/relevo.conf.j2",
        socket=WEBMAIL_FPM_SOCKET, children=settings.fpm_children(ctx.facts.memory_mb),
        timezone=ctx.cluster.cluster.timezone, upload_mb=settings.upload_mb(size), post_mb=size,
        memory_mb=settings.php_memory_mb(size),
    )
    return (
        File(f"/etc/php/{php}/fpm/pool.d/relevo.conf", pool),
        File(
            f"/etc/systemd/system/{ctx.facts.release.fpm_unit}.d/relevo.conf",
            template(__package__, "etc/systemd/system/php-fpm.service.d/relevo.conf.j2"),
        ),
    )


def _config(ctx: Context) -> File:
    text = template(
        __package__, "etc/roundcube/config.inc.php.j2",
        php=php_string, sessions_dsn=_dsn(ctx, ROUNDCUBE_DATABASE), accounts_dsn=_dsn(ctx, DATABASE),
        view_passwords=VIEW_PASSWORDS, des_key=ctx.secrets.reveal("roundcube_des_key"), hostname=ctx.cluster.hostname,
        domain=ctx.cluster.domain, ca=TLS_CA, language=settings.LANGUAGES[ctx.cluster.cluster.language],
        date_format=settings.DATE_FORMATS[ctx.cluster.cluster.language],
        message_size_mb=ctx.cluster.mail.message_size_mb,
    )
    return File(settings.CONFIG, text, mode=0o640, group="www-data", secret=True, check=("php", "-l", "{}"))


def _dsn(ctx: Context, database: str) -> str:
    password = quote(ctx.secrets.reveal("database_roundcube"), safe="")
    return f"mysql://{DATABASE_ROUNDCUBE}:{password}@unix({MYSQL_SOCKET})/{database}"


def php_string(text: str) -> str:
    """Return a text as PHP's single-quoted string."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
