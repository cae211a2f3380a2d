"""The schemas, and the accounts with their rights. Passwords travel as the hashes that the server keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pymysql.cursors import Cursor

from relevo.cluster import wires
from relevo.deploy.shell import CommandFailed
from relevo.i18n import _
from relevo.services.base import Context
from relevo.services.mariadb.server import session

SCHEMAS = (wires.DATABASE, wires.ROUNDCUBE_DATABASE)
_ALL = "ALL PRIVILEGES"
_READ = "SELECT, LOCK TABLES, SHOW VIEW, EVENT, TRIGGER"  # what mariadb-dump needs, in the server's own order
_PLUGIN = "mysql_native_password"  # what every client library of the platform speaks
_ANY_TLS = "1"  # the server's number for REQUIRE SSL


@dataclass(frozen=True)
class Account:
    """An account: `rights` on whole schemas. Rights on single views are given by who makes the views."""

    user: str
    secret: str  # its name in Secrets
    host: str = "localhost"
    rights: tuple[tuple[str, str], ...] = ()  # (privileges, schema)
    may_grant: bool = False
    needs_tls: bool = False


def accounts(ctx: Context) -> tuple[Account, ...]:
    """Return every account of the platform."""
    return (
        Account(
            wires.DATABASE_ADMIN, "database_admin", rights=tuple((_ALL, schema) for schema in SCHEMAS), may_grant=True
        ),
        Account(wires.DATABASE_POSTFIX, "database_postfix"),
        Account(wires.DATABASE_DOVECOT, "database_dovecot"),
        Account(wires.DATABASE_AMAVIS, "database_amavis"),
        Account(wires.DATABASE_ROUNDCUBE, "database_roundcube", rights=((_ALL, wires.ROUNDCUBE_DATABASE),)),
        Account(wires.DATABASE_WEB, "database_web"),
        Account(wires.DATABASE_DKIM, "database_dkim"),
        Account(wires.DATABASE_USE, "database_use"),
        Account(wires.DATABASE_AGENT, "database_agent"),
        Account(
            wires.DATABASE_BACKUP, "database_backup", host=str(ctx.cluster.storage_node.address),
            rights=tuple((_READ, schema) for schema in SCHEMAS), needs_tls=True,
        ),
    )


def native_hash(password: str) -> str:
    """Return what mysql_native_password keeps of a password: SHA1 of its SHA1."""
    once = hashlib.sha1(password.encode()).digest()  # noqa: S324 - the plugin's definition
    return "*" + hashlib.sha1(once).hexdigest().upper()  # noqa: S324 - the same


def needed(ctx: Context) -> str | None:
    """Say which schemas and accounts are not as they should be."""
    try:
        with session() as cursor:
            wrong = [*_missing_schemas(cursor), *(a.user for a in accounts(ctx) if _differs(cursor, ctx, a))]
    except CommandFailed:
        return _("make schemas and accounts")
    return _("bring up to date: {wrong}").format(wrong=", ".join(wrong)) if wrong else None


def bring_up_to_date(ctx: Context) -> None:
    """Make what is missing and correct what differs."""
    with session() as cursor:
        for schema in _missing_schemas(cursor):
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{schema}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        for account in accounts(ctx):
            if _differs(cursor, ctx, account):
                _make(cursor, ctx, account)


def _missing_schemas(cursor: Cursor) -> list[str]:
    cursor.execute("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")
    have = {str(row[0]) for row in cursor.fetchall()}
    return [schema for schema in SCHEMAS if schema not in have]


def _differs(cursor: Cursor, ctx: Context, account: Account) -> bool:
    cursor.execute(
        "SELECT JSON_VALUE(Priv, '$.authentication_string'), JSON_VALUE(Priv, '$.ssl_type') FROM mysql.global_priv "
        "WHERE User = %s AND Host = %s",
        (account.user, account.host),
    )
    if (row := cursor.fetchone()) is None:
        return True
    password, tls = row
    if password != native_hash(ctx.secrets.reveal(account.secret)) or (str(tls) == _ANY_TLS) != account.needs_tls:
        return True
    cursor.execute("SHOW GRANTS FOR %s@%s", (account.user, account.host))
    return not set(_grants(account)) <= {str(row[0]) for row in cursor.fetchall()}


def _grants(account: Account) -> list[str]:
    """Return the grants as the server shows them."""
    who, tail = f"`{account.user}`@`{account.host}`", " WITH GRANT OPTION" if account.may_grant else ""
    return [f"GRANT {privileges} ON `{schema}`.* TO {who}{tail}" for privileges, schema in account.rights]


def _make(cursor: Cursor, ctx: Context, account: Account) -> None:
    tls = "SSL" if account.needs_tls else "NONE"
    identity = (account.user, account.host, native_hash(ctx.secrets.reveal(account.secret)))
    for verb in ("CREATE USER IF NOT EXISTS", "ALTER USER"):
        cursor.execute(f"{verb} %s@%s IDENTIFIED VIA {_PLUGIN} USING %s REQUIRE {tls}", identity)
    for grant in _grants(account):
        cursor.execute(grant)
