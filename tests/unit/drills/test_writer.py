"""The writer of the drill `owners` for real: two processes, a fake agent and a fake Dovecot for each, one folder."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import relevo
from relevo.drills import writer
from relevo.drills.writelog import Account, judge, read_notes
from relevo.drills.writers import Chapter

PATIENCE_SECONDS = 20.0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_stopped(process: int) -> bool:
    """Tell whether every thread has been stopped: the signal is sent before they are."""
    states = [path.read_text().rpartition(") ")[2][0] for path in Path(f"/proc/{process}/task").glob("*/stat")]
    return set(states) == {"T"}


class Here:
    """What stands beside one writer: an agent that tells the claim, and a Dovecot behind the gate."""

    def __init__(self, folder: Path, name: str) -> None:
        self.claim, self.connections = "", list[socket.socket]()
        self.agent_path = folder / f"{name}.sock"
        self.servers = [
            socketserver.ThreadingUnixStreamServer(str(self.agent_path), self._handler(self._agent)),
            socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler(self._dovecot)),
        ]
        self.port = self.servers[1].server_address[1]
        for server in self.servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()

    def _handler(self, answer: Callable[[socket.socket], None]) -> type[socketserver.BaseRequestHandler]:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    answer(self.request)

        return Handler

    def _agent(self, sock: socket.socket) -> None:
        sock.recv(100)
        guard = {"claim": self.claim, "open": bool(self.claim)}
        sock.sendall(json.dumps({"own": {"guard": guard}}).encode() + b"\n")

    def _dovecot(self, sock: socket.socket) -> None:
        if self.claim:
            self.connections.append(sock)
            sock.sendall(b"220 fake\r\n")
            while sock.recv(100):
                pass
            self.connections.remove(sock)

    def open(self, claim: str) -> None:
        self.claim = claim

    def close(self, *, ends: bool = True) -> None:
        """Close the gate; `ends`: and the connections, as an agent does that still runs, until no session is left."""
        self.claim = ""
        for sock in list(self.connections) if ends else ():
            with suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
        until(lambda: not (ends and self.connections))

    def end(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()


def _make(folder: Path) -> None:
    for name in ("tmp", "new"):
        (folder / name).mkdir(parents=True)
    (folder / "log").touch()


class Scene:
    """A store, and two nodes that use it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, folder / "store"
        _make(self.store)
        self.queue = folder / "queue-mail01"
        self.script = folder / "writer.py"
        shutil.copy(writer.__file__, self.script)
        self.here = [Here(folder, "a"), Here(folder, "b")]
        self.running = [self.start(0), self.start(1)]

    @property
    def log(self) -> Path:
        return self.store / "log"

    def start(self, which: int) -> subprocess.Popen[bytes]:
        here = self.here[which]
        common = {"node": f"mail0{which + 1}", "folder": str(self.store)}
        jobs = [{**common, "notes": str(self.folder / f"{which}.notes"), "vip": "127.0.0.1", "port": here.port,
                 "agent": str(here.agent_path)}]
        if self.queue.exists():
            jobs.append({"node": common["node"], "folder": str(self.queue), "notes": str(self.folder / "0.queue"),
                         "pid_file": str(self.folder / "0.pid")})
        source = str(Path(str(relevo.__file__)).parents[1])
        return subprocess.Popen(
            [sys.executable, self.script, json.dumps(jobs)], env={**os.environ, "PYTHONPATH": source},
            stderr=(self.folder / f"{which}.said").open("ab"),
        )

    def until_written(self, claim: str, times: int = 5) -> None:
        """Wait until so many more lines of a claim are there."""
        before = self.log.read_text().count(f"{claim} ")
        until(lambda: self.log.read_text().count(f"{claim} ") >= before + times)

    def book(self) -> Chapter:
        notes = {path.name: path.read_text() for path in self.folder.glob("*.notes")}
        return Chapter(
            "mailbox", self.log.read_text(), "\n".join(path.name for path in (self.store / "new").iterdir()), notes,
        )

    def end(self) -> None:
        for one in self.running:
            one.kill()
            one.wait(5)

    def judged(self) -> Account:
        self.end()
        return self.book().judged()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.end()
    for here in scene.here:
        here.end()


def test_while_no_gate_is_open_nothing_is_written(scene: Scene) -> None:
    until(lambda: all("Dovecot takes no deliveries" in path.read_text() for path in scene.folder.glob("*.said")))
    assert scene.log.read_text() == ""
    assert all(one.poll() is None for one in scene.running)


def test_one_after_the_other_is_good(scene: Scene) -> None:
    one, other = scene.here
    one.open("mail01 1.5")
    scene.until_written("mail01@1.5")
    one.close()
    other.open("mail02 2.5")
    scene.until_written("mail02@2.5")
    other.close()
    one.open("mail01 3.5")
    scene.until_written("mail01@3.5")
    account = scene.judged()
    assert account.good, account.in_words()
    assert account.owners == ("mail01@1.5", "mail02@2.5", "mail01@3.5")
    assert not account.late
    assert account.acknowledged >= account.lines - 1 >= 14


def test_both_at_once_is_found(scene: Scene) -> None:
    for number, here in enumerate(scene.here):
        here.open(f"mail0{number + 1} 1.5")
    scene.until_written("mail01@1.5")
    scene.until_written("mail02@1.5")
    account = scene.judged()
    assert account.overlaps
    whole = (account.lost, account.doubled, account.torn, account.missing)
    assert whole == ((), (), (), ()), "the lock keeps the lines whole"


def test_who_was_paused_and_is_not_cut_off_goes_on_and_is_found(scene: Scene) -> None:
    one, other = scene.here
    one.open("mail01 1.5")
    scene.until_written("mail01@1.5", 3)
    with scene.log.open("a") as log:
        fcntl.lockf(log, fcntl.LOCK_EX)  # so that it does not have it
        scene.running[0].send_signal(signal.SIGSTOP)
        until(lambda: is_stopped(scene.running[0].pid))
    one.close(ends=False)
    other.open("mail02 2.5")
    scene.until_written("mail02@2.5", 3)
    scene.running[0].send_signal(signal.SIGCONT)
    scene.until_written("mail01@1.5", 3)
    assert scene.judged().overlaps


def test_killed_in_the_middle_nothing_acknowledged_is_lost(scene: Scene) -> None:
    scene.here[0].open("mail01 1.5")
    for _ in range(3):
        scene.until_written("mail01@1.5")
        scene.running[0].kill()
        scene.running[0].wait(5)
        scene.running[0] = scene.start(0)
    scene.until_written("mail01@1.5")
    account = scene.judged()
    assert account.good, account.in_words()
    assert account.lines - 4 <= account.acknowledged <= account.lines


def postfix(folder: Path) -> subprocess.Popen[bytes]:
    """Start what calls itself as Postfix's first process does."""
    program = folder / "master"
    if not program.exists():
        program.symlink_to(str(shutil.which("sleep")))
    return subprocess.Popen([program, "60"])


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(5)


def test_a_queue_is_written_as_long_as_its_postfix_lives(tmp_path: Path) -> None:
    queue, pid, notes = tmp_path / "queue-mail01", tmp_path / "master.pid", tmp_path / "notes"
    _make(queue)
    job: writer.Job = {"node": "mail02", "folder": str(queue), "notes": str(notes), "pid_file": str(pid)}
    pid.write_text(f"   {os.getpid()}\n")  # no Postfix
    book = writer.Notes(str(notes))
    with writer.queue_session(job) as session:
        assert session is None
    for _ in range(2):
        master = postfix(tmp_path)
        pid.write_text(f"   {master.pid}\n")
        until(lambda: not writer.is_dead(master.pid))  # noqa: B023 - it is asked at once
        with writer.queue_session(job) as session:
            assert session is not None
            threading.Timer(0.5, end, [master]).start()
            assert writer.work(job, session, book) >= 1
        with writer.queue_session(job) as session:
            assert session is None
    files = "\n".join(path.name for path in (queue / "new").iterdir())
    account = Chapter("", (queue / "log").read_text(), files, {"": notes.read_text()}).judged()
    assert account.good, account.in_words()
    assert account.lines == account.acknowledged
    assert [owner.rpartition("-")[0] for owner in account.owners] == ["mail02@queue-mail01"] * 2


def test_a_job_that_hangs_stops_no_other(scene: Scene, tmp_path: Path) -> None:
    """Somebody else has the lock of the mailbox; the queue goes on."""
    _make(scene.queue)
    master = postfix(tmp_path)
    try:
        (tmp_path / "0.pid").write_text(str(master.pid))
        with scene.log.open("a") as log:
            fcntl.lockf(log, fcntl.LOCK_EX)
            scene.here[0].open("mail01 1.5")
            scene.running.append(scene.start(0))
            until(lambda: (scene.queue / "log").read_text().count("mail01@queue-mail01-") >= 3)
            assert scene.log.read_text() == ""
    finally:
        end(master)


def test_it_makes_no_folder_where_the_store_is_not_mounted(scene: Scene) -> None:
    shutil.rmtree(scene.store)
    scene.here[0].open("mail01 1.5")
    until(lambda: "FileNotFoundError" in (scene.folder / "0.said").read_text())
    assert not scene.store.exists()
    assert scene.running[0].poll() is None


def test_a_session_needs_the_address(tmp_path: Path) -> None:
    assert writer.is_here("127.0.0.1")
    assert not writer.is_here("192.0.2.1")


def test_the_notes_of_a_later_writer_repeat_no_number(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    first = writer.Notes(str(path))
    numbers = [first.next() for _ in range(3)]
    for number in numbers:
        first.acknowledge("mail01@1.5", number)
    time.sleep(0.01)
    assert writer.Notes(str(path)).next() > numbers[-1]
    assert read_notes(path.read_text()) == [("mail01@1.5", number) for number in numbers]
    assert not judge("", read_notes(path.read_text()), set()).good
