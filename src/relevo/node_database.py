"""This node's database, for daemons that ask it or write to it again and again: one way to reach it, and to lose it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

_CONNECT_SECONDS, _ANSWER_SECONDS = 3, 10


class Account(Protocol):
    """Where the database listens, the schema, and who asks."""

    @property
    def socket(self) -> str: ...  # noqa: D102 - an attribute
    @property
    def database(self) -> str: ...  # noqa: D102 - an attribute
    @property
    def user(self) -> str: ...  # noqa: D102 - an attribute
    @property
    def password(self) -> str: ...  # noqa: D102 - an attribute


class Reader(Account, Protocol):
    """An account, and the one view that it reads."""

    @property
    def view(self) -> str: ...  # noqa: D102 - an attribute


class Silent(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """The database does not answer, or has no majority."""


class Line:
    """A connection that is made when it is needed, and again when it was lost."""

    def __init__(self, own: Account, seconds: int = _ANSWER_SECONDS) -> None:
        """Take the account, and for how long an answer is waited for."""
        self._own, self._seconds = own, seconds
        self._connection: Connection[Cursor] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Give a cursor in a transaction; raise Silent when it can't be had or committed."""
        try:
            self._connection = self._connection or self._connect()
            with self._connection.cursor() as cursor:
                yield cursor
            self._connection.commit()
        except (pymysql.MySQLError, OSError) as error:
            self._forget()
            raise Silent(str(error.args[-1] if error.args else error)) from None

    def _connect(self) -> Connection[Cursor]:
        own, seconds = self._own, self._seconds
        return pymysql.connect(
            unix_socket=own.socket, user=own.user, password=own.password, database=own.database, charset="utf8mb4",
            connect_timeout=_CONNECT_SECONDS, read_timeout=seconds, write_timeout=seconds,
        )

    def _forget(self) -> None:
        if self._connection:
            with suppress(pymysql.MySQLError, OSError):
                self._connection.close()
        self._connection = None


class View:
    """The rows of one view."""

    def __init__(self, own: Reader, columns: Sequence[str]) -> None:
        """Take the account, and which columns of its view are wanted."""
        self._line = Line(own)
        self._question = f"SELECT {', '.join(columns)} FROM {own.view}"  # noqa: S608 - our own

    def texts(self) -> list[tuple[str, ...]]:
        """Return all rows, sorted, every value as text; raise Silent when they can't be had."""
        with self._line.transaction() as cursor:
            cursor.execute(self._question)
            return sorted(tuple(map(str, row)) for row in cursor.fetchall())
