"""The index: the same whatever portions the lines come in, and whenever it is interrupted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relevo.trace import finding, store
from relevo.trace.forgetting import forget, used
from relevo.trace.index import Entry, Index
from relevo.trace.letters import RESULTS
from relevo.trace.lines import Line
from relevo.trace.questions import Wanted
from tests.unit.trace.nodes import BOOT, DOMAIN, RELEASES, lines

ENTRIES = [Entry(line, BOOT, f"s={number}") for number, line in enumerate(lines("debian-13"))]
DAY = 86400 * 1_000_000


def content(path: str) -> dict[str, list]:
    """Return all that is in an index, whatever numbers and portions it has."""
    with closing(sqlite3.connect(path)) as db:
        letters = db.execute("SELECT * FROM letter ORDER BY key").fetchall()
        names = {row[0]: row[1] for row in letters}
        said: dict[str, list] = {}
        for letter, piece in db.execute("SELECT letter, lines FROM piece ORDER BY id"):
            said.setdefault(names[letter], []).extend(store.unpacked(piece))
        return {
            # where a message begins is what came of it first, so that depends on the portions
            "letter": [(row[1], *row[4:]) for row in letters],
            "lines": sorted((key, sorted(some)) for key, some in said.items()),
            "party": sorted((names[row[0]], *row[1:3], *row[4:]) for row in db.execute("SELECT * FROM party")),
            "link": db.execute("SELECT * FROM link ORDER BY a, b").fetchall(),
            "state": db.execute("SELECT * FROM state ORDER BY name").fetchall(),
        }


def filled(path: Path, *portions: list[Entry]) -> str:
    index = Index(str(path), "mail01")
    for portion in portions:
        index.take(portion)
        index.write()
    index.close()
    return str(path)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory) -> dict[str, list]:
    return content(filled(tmp_path_factory.mktemp("whole") / "index.db", ENTRIES))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(1, len(ENTRIES) - 1), max_size=30), st.booleans())
def test_portions_and_restarts_make_no_difference(tmp_path_factory, at_once, cuts, again):
    path = tmp_path_factory.mktemp("portions") / "index.db"
    places = [0, *sorted(cuts), len(ENTRIES)]
    index = Index(str(path), "mail01")
    for begin, end in pairwise(places):
        index.take(ENTRIES[begin:end])
        index.write()
        if again:
            index.close()
            index = Index(str(path), "mail01")
    index.close()
    found = content(str(path))
    assert found == at_once
    assert dict(found["state"])["cursor"] == ENTRIES[-1].cursor


def test_a_crash_in_the_middle_of_a_portion_leaves_nothing_of_it(tmp_path, at_once, monkeypatch):
    path = tmp_path / "index.db"
    filled(path, ENTRIES[:300])
    index = Index(str(path), "mail01")
    index.take(ENTRIES[300:])
    monkeypatch.setattr(index, "_meet", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        index.write()
    index.close()
    before = Index(str(path), "mail01")
    assert before.cursor == ENTRIES[299].cursor
    before.take(ENTRIES[300:])
    before.write()
    before.close()
    assert content(str(path)) == at_once


def test_what_was_taken_and_not_written_is_read_again(tmp_path, at_once):
    path = tmp_path / "index.db"
    filled(path, ENTRIES[:250])
    gone = Index(str(path), "mail01")
    gone.take(ENTRIES[250:400])
    gone.close()  # as by a power cut
    assert content(filled(path, ENTRIES[250:])) == at_once


def test_nothing_about_a_message_is_no_news(tmp_path):
    index = Index(str(tmp_path / "index.db"), "mail01")
    probe = [
        Line(1, "postfix/smtpd", 9, "connect from mail01[192.168.100.11]"),
        Line(2, "postfix/smtpd", 9, "Anonymous TLS connection established from mail01[192.168.100.11]: TLSv1.3 with X"),
        Line(3, "postfix/smtpd", 9, "disconnect from mail01[192.168.100.11] ehlo=2 starttls=1 mail=1 rcpt=1 quit=1"),
        Line(4, "dovecot", 9, "imap-login: Login: user=<relevo-probe-mail01@example.org>"),
    ]
    index.take(Entry(line, BOOT, str(line.at)) for line in probe)
    assert not index.has_news
    index.write()
    assert index.cursor == "4"
    index.close()


def test_a_damaged_index_is_begun_anew(tmp_path):
    path = tmp_path / "index.db"
    path.write_bytes(b"no database" * 500)
    Path(f"{path}-wal").write_bytes(b"x")
    assert content(filled(path, ENTRIES))["letter"]


def test_an_index_that_can_not_be_opened_now_is_kept(tmp_path):
    path = tmp_path / "index.db"
    before = content(filled(path, ENTRIES))
    in_the_way = Path(f"{path}-wal")
    in_the_way.mkdir()
    with pytest.raises(sqlite3.OperationalError):
        Index(str(path), "mail01")
    in_the_way.rmdir()
    assert content(str(path)) == before


def test_an_index_of_another_version_is_begun_anew(tmp_path):
    path = tmp_path / "index.db"
    filled(path, ENTRIES)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    index = Index(str(path), "mail01")
    assert index.cursor == ""
    index.close()


def test_what_is_old_goes_with_all_that_belongs_to_it(tmp_path):
    path = tmp_path / "index.db"
    filled(path, ENTRIES)
    with closing(store.open_for_writing(str(path))) as db:
        middle = db.execute("SELECT at FROM letter ORDER BY at LIMIT 1 OFFSET 30").fetchone()[0]
        forget(db, middle + 30 * DAY, 30, 1 << 40)
        assert db.execute("SELECT min(at) FROM letter").fetchone()[0] == middle
        letters = {number for (number,) in db.execute("SELECT id FROM letter")}
        for statement in ("SELECT letter FROM piece", "SELECT letter FROM party"):
            assert {number for (number,) in db.execute(statement)} <= letters
        forget(db, middle + DAY, 30, 1 << 40)
        assert db.execute("SELECT count(*) FROM letter").fetchone()[0] > 5


def test_too_large_an_index_loses_the_oldest(tmp_path):
    path = tmp_path / "index.db"
    index = Index(str(path), "mail01")
    for turn in range(60):
        index.take(
            Entry(line._replace(at=line.at + turn * 10**9, text=line.text.replace("4jcP", f"4{turn:03d}")), BOOT, "x")
            for line in lines("debian-12")
        )
        index.write()
    before = used(index.db)
    forget(index.db, 1_795_904_000_000_000 + 60 * 10**9, 365, before // 2)
    assert used(index.db) <= before // 2
    newest = index.db.execute("SELECT max(at) FROM letter").fetchone()[0]
    assert newest > 1_795_904_000_000_000 + 59 * 10**9
    index.close()


@pytest.mark.parametrize("release", RELEASES)
def test_searches(tmp_path, release):
    path = filled(tmp_path / "index.db", [Entry(line, BOOT, "x") for line in lines(release)])

    def found(**wanted) -> set[str]:
        return {key for _at, key in finding.find(path, Wanted(limit=500, **wanted))["found"]}

    everything = found()
    assert len(everything) > 60
    ana = found(words=(("address", f"ana@{DOMAIN}"),))
    assert ana == found(sender=f"ana@{DOMAIN}") | found(recipient=f"ana@{DOMAIN}")
    assert found(recipient=f"ana+shop@{DOMAIN}") < found(recipient=f"ana@{DOMAIN}")  # a tag is found without it
    remote = found(words=(("domain", "remote.example"),))
    assert remote == found(sender="@remote.example") | found(recipient="@remote.example")
    assert found(client="203.0.113.6") == found(words=(("client", "203.0.113.6"),))
    for result in RESULTS:
        assert found(result=result), result
    assert found(domains=frozenset({"remote.example"})) == remote
    assert not found(domains=frozenset({"unknown.example"}))
    places = sorted((tuple(one) for one in finding.find(path, Wanted(limit=500))["found"]), reverse=True)
    middle = places[len(places) // 2]
    older = {key for at, key in places if (at, key) < middle}
    assert found(before=middle) == older
    assert found(since=middle[0]) | found(until=middle[0]) == everything


def test_pages_have_everything_once(tmp_path):
    path = filled(tmp_path / "index.db", ENTRIES)
    seen, before = [], None
    while rows := finding.find(path, Wanted(limit=7, before=before))["found"]:
        seen += rows
        before = tuple(rows[-1])
    assert len(seen) == len({key for _at, key in seen}) == len(finding.find(path, Wanted(limit=500))["found"])
