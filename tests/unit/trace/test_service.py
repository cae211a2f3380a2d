"""relevo-trace and relevo-queue-control as a whole: real sockets and TLS; journalctl speaks as it was heard to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from relevo.services.agent.identity import make
from relevo.trace import server, store
from relevo.trace.lines import Line
from relevo.trace.settings import Settings
from tests.unit.queue.test_service import Node, free_port
from tests.unit.trace.nodes import cases

JOURNALCTL = """#!/usr/bin/python3
import json, os, sys, time
cursor = next((word.partition("=")[2] for word in sys.argv if word.startswith("--after-cursor=")), "")
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
place, known = 0, False
while True:
    with open({journal!r}) as journal:
        lines = journal.read().splitlines()
    if cursor and not place:
        place = next((n + 1 for n, line in enumerate(lines) if json.loads(line)["__CURSOR"] == cursor), 0)
    for line in lines[place:]:
        print(line, flush=True)
    place = len(lines)
    if os.path.exists({dies!r}):
        os.unlink({dies!r})
        sys.exit(1)
    time.sleep(0.05)
"""


class Journal:
    """What journalctl reads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path, self.log, self.dies = folder / "journal", folder / "log", folder / "dies"
        self.path.touch()
        program = folder / "journalctl"
        program.write_text(JOURNALCTL.format(journal=str(self.path), log=str(self.log), dies=str(self.dies)))
        program.chmod(0o755)
        self.count = 0

    def write(self, some: list[Line]) -> None:
        with self.path.open("a") as journal:
            for line in some:
                self.count += 1
                journal.write(json.dumps({
                    "__CURSOR": f"s={self.count}", "__REALTIME_TIMESTAMP": str(line.at), "_BOOT_ID": "5f0e6c1d2b3a",
                    "SYSLOG_IDENTIFIER": line.program, "_PID": str(line.pid), "MESSAGE": line.text,
                }) + "\n")


class Collector:
    """relevo-trace of a node, in a thread."""

    def __init__(self, folder: Path, socket: str, node: str) -> None:
        units = ("postfix.service", "dovecot.service")
        self.settings = Settings(node, socket, str(folder / "index.db"), units, days=30, most_mb=100)

    def start(self) -> Collector:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def end(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._work.cancel)
            self._thread.join(5)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._work = self._loop.create_task(server.serve(self.settings))
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._work)


def eventually(check: Callable[[], bool], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def journal(tmp_path, monkeypatch) -> Journal:
    made = Journal(tmp_path / "journal")
    monkeypatch.setenv("PATH", f"{tmp_path / 'journal'}:{os.environ['PATH']}")
    monkeypatch.setattr(server, "_PORTION_SECONDS", 0.1)
    monkeypatch.setattr("relevo.trace.journal._AGAIN_SECONDS", 0.1)
    return made


@pytest.fixture
def collector(tmp_path, journal):
    made = Collector(tmp_path, str(tmp_path / "index.sock"), "mail01").start()
    yield made
    made.end()


def letters(path: str) -> dict[str, int]:
    """Return the messages of an index with how many lines each has."""
    known: dict[str, int] = {}
    with contextlib.closing(store.open_for_reading(path)) as index:
        try:
            found = index.execute("SELECT key, letter, lines FROM piece JOIN letter ON letter.id = letter").fetchall()
        except sqlite3.OperationalError:  # the collector has not made its tables yet
            return known
    for key, _letter, lines in found:
        known[key] = known.get(key, 0) + len(store.unpacked(lines))
    return known


def test_lines_are_found_a_moment_later_and_none_twice(tmp_path, journal, collector):
    some = cases("debian-13")["clean with TLS"]
    journal.write(some[:20])
    eventually(lambda: bool(letters(collector.settings.index)))
    journal.dies.touch()  # and is started again behind the last line that is in the index
    eventually(lambda: len(journal.log.read_text().splitlines()) > 1)
    collector.end()
    journal.write(some[20:])
    again = Collector(tmp_path, collector.settings.socket, "mail01").start()
    try:
        eventually(lambda: letters(collector.settings.index).get("4jcPlb5LXdz2Gm1j", 0) == 9)
    finally:
        again.end()
    asked = [json.loads(line) for line in journal.log.read_text().splitlines()]
    assert [word.partition("=")[0] for words in asked for word in words if word.startswith(("--since", "--after"))] == [
        "--since", "--after-cursor", "--after-cursor",
    ]


def test_it_says_for_how_long_it_has_read_nothing(tmp_path, journal, collector):
    def silent() -> int:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(collector.settings.socket)
            line.sendall(b'{"do": "state"}\n')
            return int(json.loads(line.makefile().readline())["silent"])

    eventually(lambda: Path(collector.settings.socket).exists())
    eventually(lambda: silent() >= 1, within=10)
    journal.write(cases("debian-13")["clean with TLS"][:1])
    eventually(lambda: silent() == 0, within=10)


def test_both_nodes_answer_through_one_socket(tmp_path, journal, monkeypatch):
    port, key = free_port(), make("a token")
    one = Node(tmp_path / "one", "mail01", "mail02", port, key).start()
    two = Node(tmp_path / "two", "mail02", "mail01", port, key).start()
    collectors = [Collector(node.folder, node.settings.index, node.settings.node).start() for node in (one, two)]
    try:
        journal.write(cases("debian-13")["spam into Junk"])  # both read the same one: two nodes that have seen it
        told = {"words": [["address", "maria@elsewhere.example"]], "whole": True}
        eventually(lambda: all(letters(each.settings.index) for each in collectors))
        eventually(lambda: "traces" in one.ask(do="trace", trace=told))
        answer = one.ask(do="trace", trace=told)
        assert [(node["node"], node["silent"]) for node in answer["nodes"]] == [("mail01", False), ("mail02", False)]
        (trace,) = answer["traces"]
        assert trace["nodes"] == ["mail01", "mail02"]
        assert trace["results"] == ["delivered", "spam"]
        assert one.ask(do="trace", trace={"words": "x"}) == {"refused": "words are a list"}
        assert one.ask(do="trace-here", trace={"do": "remove"}) == {"refused": "none of what can be asked"}
        collectors[1].end()
        (silent,) = [node for node in one.ask(do="trace", trace=told)["nodes"] if node["silent"]]
        assert (silent["node"], "relevo-trace" in silent["error"]) == ("mail02", True)
        two.end()
        (silent,) = [node for node in one.ask(do="trace", trace=told)["nodes"] if node["silent"]]
        assert silent["node"] == "mail02"
    finally:
        for each in (*collectors, one, two):
            each.end()


@pytest.mark.parametrize("line", [
    b"", b"[]", b"null", b"{", b'{"do":"find","wanted":{"x":1}}', b'{"do":"gather","keys":["../x"]}',
])
def test_what_makes_no_sense_is_refused(tmp_path, line):
    store.open_for_writing(str(tmp_path / "index.db")).close()
    assert list(server.answer(str(tmp_path / "index.db"), line)) == ["refused"]
