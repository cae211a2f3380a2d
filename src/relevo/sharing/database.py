"""Who shares which mailbox, as the database has it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from relevo.sharing.access import Row
from relevo.sharing.settings import Settings

_CONNECT_SECONDS, _ANSWER_SECONDS = 3, 10


class Silent(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """The database does not answer, or has no majority."""


class Database:
    """A connection that is made when it is needed, and again when it was lost."""

    def __init__(self, own: Settings) -> None:
        self._own = own
        self._connection: Connection[Cursor] | None = None

    def rows(self) -> Sequence[Row]:
        """Return who shares what; raise Silent when it can't be had."""
        try:
            self._connection = self._connection or self._connect()
            with self._connection.cursor() as cursor:
                cursor.execute(f"SELECT mailbox, member, level FROM {self._own.view}")  # noqa: S608 - our own
                return sorted(Row(*map(str, row)) for row in cursor.fetchall())
        except (pymysql.MySQLError, OSError) as error:
            self._forget()
            raise Silent(str(error.args[-1] if error.args else error)) from None

    def _connect(self) -> Connection[Cursor]:
        own = self._own
        return pymysql.connect(
            unix_socket=own.socket, user=own.user, password=own.password, database=own.database, charset="utf8mb4",
            autocommit=True, connect_timeout=_CONNECT_SECONDS, read_timeout=_ANSWER_SECONDS,
        )

    def _forget(self) -> None:
        if self._connection:
            with suppress(pymysql.MySQLError, OSError):
                self._connection.close()
        self._connection = None
