"""The turns, with a database that can be away, and a Dovecot that can be silent."""

from __future__ import annotations

import asyncio
import os
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from relevo.node_database import Silent
from relevo.trace.index import Entry
from relevo.trace.lines import Line
from relevo.use import collector, counting, sizes
from relevo.use.collector import Collector
from relevo.use.counting import Counting
from relevo.use.database import Database
from relevo.use.settings import Settings


class Tables:
    """What is written, and how often the database refuses first."""

    def __init__(self, refusals: int = 0) -> None:
        self.boxes, self.devices, self.readings, self.parts = {}, {}, [], []
        self.waiting, self.sizes, self.pages = [], {}, []
        self.refusals = refusals

    def write_boxes(self, rows) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Silent("WSREP has not yet prepared node")
        self.parts.append(len(rows))
        self.boxes |= dict(rows)

    def write_devices(self, rows) -> None:
        self.devices |= dict(rows)

    def write_reading(self, until) -> None:
        self.readings.append(until)

    def due(self, most):
        return self.waiting[:most]

    def write_sizes(self, asked, found, _at) -> None:
        self.waiting = [address for address in self.waiting if address not in asked]
        self.sizes |= found

    def sweep(self, after, _most, _most_new):
        self.pages.append(after)
        return "" if after else "luis@example.org"

    def forget_devices(self, _most) -> bool:
        return False


@pytest.fixture
def own(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setattr(collector, "PAUSE", 0)
    monkeypatch.setattr(collector, "_AGAIN", 0)
    active = tmp_path / "active"
    active.symlink_to("/run/dovecot/postfix-quota")
    return Settings(
        "mail01", "", "", "", "", "lookup_mailbox", ("dovecot.service",), frozenset(), str(active),
        str(tmp_path / "cursor"), 1, 30, 90, 50,
    )


def entries(count: int) -> list[Entry]:
    text = "pop3-login: Logged in: user=<u{}@example.org>, method=PLAIN, rip=203.0.113.6, lip=192.0.2.1, mpid=1, TLS"
    numbers = range(1, count + 1)
    return [Entry(Line(number, "dovecot", 1, text.format(number)), "", f"at {number}") for number in numbers]


def turn(own: Settings, tables: Tables, lines: list[Entry], monkeypatch, *, turns: int = 1) -> Collector:
    async def give(_units, cursor, _since):
        behind = [one.cursor for one in lines].index(cursor) + 1 if cursor else 0
        for one in lines[behind:]:
            yield one

    monkeypatch.setattr(collector, "follow", give)
    work = Collector(own, tables)

    async def run() -> None:
        await work._read()  # noqa: SLF001 - for ever, in the journal
        for _ in range(turns):
            await work.turn()

    asyncio.run(run())
    return work


def test_the_age_of_what_is_noted_counts_from_its_own_start(own, monkeypatch):
    path = Path(own.cursor)
    path.write_text("at 1", encoding="utf-8")
    os.utime(path, (1000, 1000))

    async def follow(_units, _cursor, _since):
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(collector, "follow", follow)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Collector(own, Tables()).run(), 0.05)

    began = time.time()
    asyncio.run(run())
    assert path.stat().st_mtime > began - 1
    assert path.read_text(encoding="utf-8") == "at 1"


def test_a_turn_writes_some_rows_at_a_time_and_then_notes_the_place(own, monkeypatch):
    tables = Tables()
    turn(own, tables, entries(450), monkeypatch)
    assert tables.parts == [200, 200, 50]
    assert (len(tables.boxes), len(tables.devices), len(tables.readings)) == (450, 450, 1)
    assert Path(own.cursor).read_text(encoding="utf-8") == "at 450"


def test_a_database_that_is_away_loses_nothing_and_is_told_of_once(own, monkeypatch, caplog):
    tables = Tables(refusals=7)
    turn(own, tables, entries(3), monkeypatch)
    assert len(tables.boxes) == 3
    assert caplog.text.count("the database does not answer (WSREP has not yet prepared node)") == 1


def test_what_was_not_written_is_read_again(own, monkeypatch):
    monkeypatch.setattr(collector, "_AGAIN", 60)
    lines = entries(5)
    turn(own, Tables(), lines[:2], monkeypatch)

    class Away(Tables):
        def write_boxes(self, _rows):
            raise KeyboardInterrupt  # the machine dies here

    with pytest.raises((KeyboardInterrupt, BaseExceptionGroup)):
        turn(own, Away(), lines, monkeypatch)
    tables = Tables()
    turn(own, tables, lines, monkeypatch)
    assert sorted(tables.boxes) == ["u3@example.org", "u4@example.org", "u5@example.org"]


def test_the_node_without_mailboxes_writes_what_it_has_and_vouches_for_nothing(own, monkeypatch):
    Path(own.active).unlink()
    tables = Tables()
    turn(own, tables, entries(2), monkeypatch)
    assert (len(tables.boxes), tables.readings) == (2, [])


def test_when_much_waits_the_journal_waits_too(own, monkeypatch):
    monkeypatch.setattr(collector, "_MOST", 10)
    tables, lines = Tables(), entries(40)

    async def give(_units, _cursor, _since):
        for one in lines:
            yield one

    monkeypatch.setattr(collector, "follow", give)
    work = Collector(own, tables)

    async def run() -> int:
        reading = asyncio.ensure_future(work._read())  # noqa: SLF001 - the same
        await asyncio.sleep(0.05)
        waiting = len(work._gathering)  # noqa: SLF001 - the same
        while not reading.done():
            await work.turn()
            await asyncio.sleep(0)
        await work.turn()
        return waiting

    assert asyncio.run(run()) == 10
    assert len(tables.boxes) == 40


# --- sizes ------------------------------------------------------------------------------------------------------------
class Dovecot(socketserver.StreamRequestHandler):
    """Answers as 2.3 and 2.4 do (tried with both)."""

    def handle(self) -> None:
        assert self.rfile.readline() == b"VERSION\tdoveadm-server\t1\t0\n"
        self.wfile.write(b"+\n")
        while line := self.rfile.readline():
            name = line.decode().split("\t")[1].partition("@")[0]
            self.wfile.write({
                "full": b"User quota\tSTORAGE\t3\t1024\t0\tUser quota\tMESSAGE\t1\t-\t0\t\n+\n",
                "gone": b"\n-NOUSER\n", "broken": b"\n-TEMPFAIL\n",
            }[name])


@pytest.fixture
def dovecot(tmp_path) -> str:
    path = str(tmp_path / "doveadm-server")
    with socketserver.ThreadingUnixStreamServer(path, Dovecot) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path
        server.shutdown()


def test_sizes_are_asked_of_dovecot_on_one_connection(dovecot):
    asked = ["full@example.org", "gone@example.org", "broken@example.org", "full@second.example"]
    assert sizes.ask(asked, dovecot) == {"full@example.org": 3072, "full@second.example": 3072}
    assert sizes.ask(["gone@example.org"], dovecot) == {}


def test_a_dovecot_that_tells_of_none_is_asked_again(dovecot, tmp_path):
    with pytest.raises(sizes.NotNow, match="TEMPFAIL"):
        sizes.ask(["broken@example.org"], dovecot)
    with pytest.raises(sizes.NotNow):
        sizes.ask(["full@example.org"], str(tmp_path / "nothing"))


def test_what_is_due_is_counted_where_the_mailboxes_are(own, monkeypatch):
    monkeypatch.setattr(sizes, "ask", lambda addresses: {addresses[0]: 5})
    tables = Tables()
    tables.waiting = [f"u{number}@example.org" for number in range(counting.PART + 1)]
    work = Counting(own, tables)
    work.step()
    assert (tables.sizes, len(tables.waiting), tables.pages) == ({"u0@example.org": 5}, 1, [""])
    Path(own.active).unlink()
    work.step()
    assert len(tables.waiting) == 1


def test_when_dovecot_is_silent_all_stays_due(own, monkeypatch):
    def silent(_addresses):
        raise sizes.NotNow("it is not there")

    monkeypatch.setattr(sizes, "ask", silent)
    tables = Tables()
    tables.waiting = ["ana@example.org"]
    Counting(replace(own), tables).step()
    assert tables.waiting == ["ana@example.org"]


class Rows:
    """As much of a database as a sweep asks: the addresses in order, and those that are counted already."""

    def __init__(self, addresses: list[str], known: set[str]) -> None:
        self.addresses, self.known, self.answer = addresses, known, []

    @contextmanager
    def transaction(self):
        yield self

    def execute(self, query: str, given) -> None:
        if "ORDER BY address" in query:
            after, most = given
            self.answer = [one for one in self.addresses if one > after][:most]
        else:
            self.answer = [one for one in given[0] if one in self.known]

    def fetchall(self):
        return [(one,) for one in self.answer]

    def executemany(self, _query: str, rows) -> None:
        self.known |= {address for (address,) in rows}


def test_a_sweep_counts_few_new_ones_at_a_time_and_passes_the_known_ones_quickly(own):
    addresses = [f"u{number:02}@example.org" for number in range(20)]
    rows, table = Rows(addresses, set(addresses[:9])), Database(own)
    table._line = rows  # noqa: SLF001 - in the place of a connection
    places, after = [], ""
    while after := table.sweep(after, 10, 4):
        places.append(int(after[1:3]))
    assert places == [9, 13, 17, 19]
    assert rows.known == set(addresses)
