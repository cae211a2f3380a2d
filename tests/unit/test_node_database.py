"""The one way in which daemons reach the database of their node: made when it is needed, and again when it was lost."""

from __future__ import annotations

from types import SimpleNamespace

import pymysql
import pytest

from relevo.dkim.database import Database
from relevo.node_database import Line, Silent

ACCOUNT = SimpleNamespace(socket="/nowhere", database="relevo", view="lookup_dkim", user="dkim", password="p")


class Server:
    """A database that answers from memory, and breaks where a test says."""

    def __init__(self, breaks_in: str = "") -> None:
        self.breaks_in, self.connections, self.asked, self.committed = breaks_in, [], [], []

    def connect(self, **given: object) -> Connection:
        self.connections.append(given)
        return Connection(self)


class Connection:
    def __init__(self, server: Server) -> None:
        self.server, self.open = server, []

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_what):
        return None

    def execute(self, statement):
        self._break("execute")
        self.open.append(statement)
        self.server.asked.append(statement)

    def fetchall(self):
        return [("b.example", "s", "p", ""), ("a.example", "s", "p", "x")]

    def commit(self):
        self._break("commit")
        self.server.committed += self.open
        self.open.clear()

    def close(self):
        self.open.clear()

    def _break(self, where):
        if self.server.breaks_in == where:
            self.server.breaks_in = ""
            raise pymysql.OperationalError(2013, "Lost connection to server during query")


@pytest.fixture
def server(monkeypatch) -> Server:
    made = Server()
    monkeypatch.setattr(pymysql, "connect", made.connect)
    return made


def test_a_lost_connection_is_made_anew(server):
    server.breaks_in = "execute"
    database = Database(ACCOUNT)
    with pytest.raises(Silent, match="Lost connection"):
        database.rows()
    assert [row.domain for row in database.rows()] == ["a.example", "b.example"]
    database.rows()
    assert len(server.connections) == 2
    assert set(server.asked) == {"SELECT domain, selector, public, sealed FROM lookup_dkim"}


@pytest.mark.parametrize("where", ["execute", "commit"])
def test_what_was_not_committed_is_said_and_written_by_the_next_transaction(server, where):
    server.breaks_in, line = where, Line(ACCOUNT)
    with pytest.raises(Silent, match="Lost connection"), line.transaction() as cursor:
        cursor.execute("INSERT")
    with line.transaction() as cursor:
        cursor.execute("INSERT")
    assert server.committed == ["INSERT"]
    assert len(server.connections) == 2


def test_each_look_sees_what_is_committed_by_then(server):
    """A transaction that stayed open would show the rows of its beginning for ever."""
    database = Database(ACCOUNT)
    database.rows()
    database.rows()
    assert len(server.committed) == 2


def test_neither_a_server_that_hangs_nor_one_that_is_slow_to_take_a_row_is_waited_for_long(server):
    with Line(ACCOUNT, 7).transaction():
        pass
    limits = {name: value for name, value in server.connections[0].items() if name.endswith("timeout")}
    assert limits == {"connect_timeout": 3, "read_timeout": 7, "write_timeout": 7}


def test_a_server_that_is_not_there_is_silence():
    with pytest.raises(Silent):
        Database(ACCOUNT).rows()
