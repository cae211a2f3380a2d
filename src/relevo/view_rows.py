"""The rows of one view of this node's database, for daemons that ask for them again and again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

_CONNECT_SECONDS, _ANSWER_SECONDS = 3, 10


class Account(Protocol):
    """Where the database listens, the schema and the view in it, and who asks."""

    @property
    def socket(self) -> str: ...  # noqa: D102 - an attribute
    @property
    def database(self) -> str: ...  # noqa: D102 - an attribute
    @property
    def view(self) -> str: ...  # noqa: D102 - an attribute
    @property
    def user(self) -> str: ...  # noqa: D102 - an attribute
    @property
    def password(self) -> str: ...  # noqa: D102 - an attribute


class Silent(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """The database does not answer, or has no majority."""


class View:
    """A connection that is made when it is needed, and again when it was lost."""

    def __init__(self, own: Account, columns: Sequence[str]) -> None:
        """Take the account, and which columns of its view are wanted."""
        self._own, self._columns = own, ", ".join(columns)
        self._connection: Connection[Cursor] | None = None

    def texts(self) -> list[tuple[str, ...]]:
        """Return all rows, sorted, every value as text; raise Silent when they can't be had."""
        try:
            self._connection = self._connection or self._connect()
            with self._connection.cursor() as cursor:
                cursor.execute(f"SELECT {self._columns} FROM {self._own.view}")  # noqa: S608 - our own
                return sorted(tuple(map(str, row)) for row in cursor.fetchall())
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
