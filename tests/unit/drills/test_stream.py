"""The sending client on loopback, against servers that break off wherever a dying machine does."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from relevo.drills import stream as streaming
from relevo.drills.accounts import Account as User
from relevo.drills.arrivals import queued
from relevo.drills.ledger import Fate, Ledger, State, Way
from relevo.drills.mail import Mail
from relevo.drills.stream import Door, Stream, connect, send
from relevo.drills.trust import NamedContext
from relevo.drills.vocabulary import World
from tests.unit.drills.conftest import MemoryPlatform

RAW = b"Subject: x\r\n\r\n.\r\n..two\r\nlast\r\n"


@dataclass
class Server:
    """Answers each command with 250 but where `said` has something else for it; nothing: it hangs up there."""

    said: dict[str, str] = field(default_factory=dict)
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    pace: float = 0.0

    def talk(self, connection: socket.socket) -> None:
        self.connections += 1
        with connection, connection.makefile("rwb") as file:
            def answer(what: str, usual: str) -> bool:
                if words := self.said.get(what, usual):
                    file.write(f"{words}\r\n".encode())
                    file.flush()
                return bool(words)

            going = answer("CONNECT", "220 hello")
            while going and (line := file.readline()):
                verb = line[:4].decode()
                going = answer(verb, "354 go on" if verb == "DATA" else "250 ok")
                if verb == "DATA" and self.said.get(verb, "354").startswith("354"):
                    body = b"".join(iter(file.readline, b".\r\n"))
                    time.sleep(self.pace)  # a server that takes its time is what is wanted
                    self.messages.append(body)
                    going = answer("END", "250 queued")


@contextmanager
def serving(pace: float = 0.0, **said: str) -> Iterator[Server]:
    server = Server(said, pace=pace)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        server.port = listener.getsockname()[1]

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _peer = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(5)
                threading.Thread(target=server.talk, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()


MAIL = Mail("127.0.0.1", "client.example", NamedContext(ssl.PROTOCOL_TLS_CLIENT))


def door(server: Server) -> Door:
    return Door(Way.SMTP, server.port, "s@outside.example", None, User("a@example.org", "secret"))


def sent(server: Server) -> State:
    client = connect(MAIL, door(server))
    try:
        return send(client, RAW, "s@outside.example", "a@example.org")[0]
    finally:
        client.close()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, State.ACCEPTED),
        ({"MAIL": "450 later"}, State.TRIED),
        ({"RCPT": ""}, State.TRIED),
        ({"RCPT": "550 no such user"}, State.REFUSED),
        ({"DATA": ""}, State.TRIED),
        ({"DATA": "451 no"}, State.TRIED),
        ({"END": ""}, State.UNSURE),
        ({"END": "451 try again"}, State.UNSURE),
        ({"END": "554 a virus"}, State.REFUSED),
    ],
)
def test_what_a_client_knows_when_the_server_says_or_breaks_off(said: dict[str, str], expected: State) -> None:
    with serving(**said) as server:
        assert sent(server) is expected


def test_the_server_gets_the_bytes_with_their_dots_doubled() -> None:
    with serving() as server:
        sent(server)
    assert server.messages == [b"Subject: x\r\n\r\n..\r\n...two\r\nlast\r\n"]


def test_a_steady_stream_uses_its_sessions_again() -> None:
    ledger = Ledger()
    with serving() as server, Stream([door(server)], ledger, MAIL, rate=50, limit=10) as stream:
        stream.run_on(5)
        stream.finish(patience=5)
    entries = ledger.entries()
    assert [one.message.number for one in entries] == list(range(1, 11))
    assert len(ledger.accepted()) == 10
    assert entries[-1].message.due - entries[0].message.due == pytest.approx(9 / 50)
    assert all(b"X-Relevo-Drill: " + one.message.token.encode() in b"".join(server.messages) for one in entries)
    assert server.connections < 10
    assert ledger.reconcile(dict.fromkeys(ledger.tokens(), 1)).count(Fate.DELIVERED) == 10


def test_a_message_without_an_answer_is_sent_again_until_it_has_one() -> None:
    ledger = Ledger()
    with serving(END="") as server, Stream([door(server)], ledger, MAIL, limit=1) as stream:
        stream.run_on(5)
        while not server.messages:
            time.sleep(0.01)
        server.said.clear()
        stream.finish(patience=10)
    (entry,) = ledger.entries()
    assert [one.state for one in entry.attempts] == [State.UNSURE, State.ACCEPTED]
    assert entry.attempts[1].began - entry.attempts[0].ended >= streaming.AGAIN_SECONDS - 0.05
    assert ledger.reconcile({entry.message.token: 2}).count(Fate.RESENT) == 1


def test_a_session_that_died_between_two_messages_costs_no_pause() -> None:
    ledger = Ledger()
    with serving() as server, Stream([door(server)], ledger, MAIL, limit=1) as stream:
        stream.run_on(5)
        while not ledger.accepted():
            time.sleep(0.01)
        server.said = {"MAIL": ""}
        stream.burst(1)
        while len(ledger.entries()[-1].attempts) < 1:
            time.sleep(0.01)
        server.said = {}
        stream.finish(patience=5)
    first, second = ledger.entries()[-1].attempts[:2]
    assert first.state is State.TRIED
    assert second.began - first.ended < streaming.RECONNECT_SECONDS


def test_what_is_never_answered_is_given_up_and_stays_in_doubt() -> None:
    ledger = Ledger()
    with serving(END="451 no") as server, Stream([door(server)], ledger, MAIL, limit=1) as stream:
        stream.run_on(5)
        stream.finish(patience=0.2)
    (entry,) = ledger.entries()
    assert entry.state is State.UNSURE
    assert ledger.reconcile({}).count(Fate.UNSURE_MISSING) == 1


def test_what_is_in_arrears_is_sent_as_long_as_answers_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "SESSIONS", 1)
    ledger = Ledger()
    with serving(pace=0.2) as server, Stream([door(server)], ledger, MAIL, rate=1000, limit=6) as stream:
        stream.run_on(5)
        stream.finish(patience=0.6)
    assert len(ledger.accepted()) == 6


def test_a_stream_ends_when_its_block_does_though_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
    ledger = Ledger()
    began = time.monotonic()
    with Stream([door(Server(port=port))], ledger, MAIL, rate=100) as stream:
        stream.run_on(0.2)
    assert time.monotonic() - began < 5
    assert {one.state for one in ledger.entries()} == {State.TRIED}


def test_queues_are_read_on_both_nodes_and_only_the_messages_own_header_counts(world: World) -> None:
    head = "Subject: stream 1\nX-Relevo-Drill: drill0123456789abcdef\nMessage-ID: <drill0123456789abcdef@x>\n"

    class Queues(MemoryPlatform):
        def run(self, node: str, command: object, **rest: object) -> str:
            del command, rest
            return head + (head.replace("cdef", "0000") if node == "mail02" else "")

    for node in world.nodes.values():
        node.platform = Queues()
    assert queued(world) == {"drill0123456789abcdef": 2, "drill0123456789ab0000": 1}
