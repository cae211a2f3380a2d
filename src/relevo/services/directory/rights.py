"""The rights of the daemons on views, and of the web on tables: seen with their own eyes, given by the owner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pymysql
from pymysql.cursors import Cursor

from relevo.cluster.secrets import Secrets
from relevo.cluster.wires import DATABASE, DATABASE_ADMIN, MYSQL_SOCKET
from relevo.deploy.shell import CommandFailed
from relevo.i18n import _
from relevo.services.directory.settings import RIGHTS, Right

_CONNECT_SECONDS = 5
_GRANT = re.compile(rf"GRANT (?P<privileges>.+) ON `{DATABASE}`\.`(?P<view>\w+)` TO ")
_PRIVILEGE = re.compile(r"([A-Z][A-Z ]*[A-Z])(?: \(([^)]*)\))?")  # as in: SELECT (`address`, `quota_mb`), UPDATE


def wanting(secrets: Secrets) -> str | None:
    """Return which accounts lack a right or have one too many, or None. Logs in as each of them."""
    wrong = [account for account, rights in RIGHTS.items() if _granted(account, secrets) != rights]
    return _("grant to {wrong}").format(wrong=", ".join(wrong)) if wrong else None


def grant(secrets: Secrets) -> None:
    """Give each account exactly the rights that it should have on the views."""
    try:
        with _connected(DATABASE_ADMIN, secrets) as cursor:
            for account, rights in RIGHTS.items():
                for statement in statements(account, rights, _granted(account, secrets)):
                    cursor.execute(statement)
    except pymysql.Error as error:
        raise CommandFailed(_("the database refused the grants: {error}").format(error=error.args[-1])) from None


def statements(account: str, wanted: frozenset[Right], have: frozenset[Right]) -> list[str]:
    """Return the SQL that turns the rights an account has into those it should have."""
    user = f"'{account}'@'localhost'"
    return [
        *(f"REVOKE {_privilege(right)} ON {DATABASE}.{right.view} FROM {user}" for right in sorted(have - wanted)),
        *(f"GRANT {_privilege(right)} ON {DATABASE}.{right.view} TO {user}" for right in sorted(wanted - have)),
    ]


def parse(lines: list[str]) -> frozenset[Right]:
    """Read what SHOW GRANTS says about single views of our schema."""
    found = (match for line in lines if (match := _GRANT.match(line)))
    return frozenset(
        Right(privilege, match["view"], column.strip(" `"))
        for match in found
        for privilege, columns in _PRIVILEGE.findall(match["privileges"])
        for column in columns.split(",")
    )


def _privilege(right: Right) -> str:
    return f"{right.privilege} ({right.column})" if right.column else right.privilege


def _granted(account: str, secrets: Secrets) -> frozenset[Right]:
    """Return the rights on views that an account has; none when it can't log in (yet)."""
    try:
        with _connected(account, secrets) as cursor:
            cursor.execute("SHOW GRANTS")
            return parse([str(row[0]) for row in cursor.fetchall()])
    except pymysql.Error:
        return frozenset()


@contextmanager
def _connected(account: str, secrets: Secrets) -> Iterator[Cursor]:
    secret = "database_admin" if account == DATABASE_ADMIN else f"database_{account}"
    connection = pymysql.connect(
        unix_socket=MYSQL_SOCKET, user=account, password=secrets.reveal(secret), charset="utf8mb4",
        connect_timeout=_CONNECT_SECONDS, autocommit=True,
    )
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
