from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from relevo.lab.forward import LOOPBACK, Door, Forwarder


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that gives back what it gets, and ends the connection when the other side does."""
    server = socket.create_server((LOOPBACK, 0))

    def serve() -> None:
        with suppress(OSError):  # closed at the end of the test
            while True:
                connection, _ = server.accept()
                with connection:
                    while data := connection.recv(1 << 16):
                        connection.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def launch(command: Sequence[str], keep: Sequence[int]) -> int:
    return subprocess.Popen(command, pass_fds=keep, start_new_session=True).pid


@pytest.fixture
def forwarder(tmp_path: Path) -> Iterator[Forwarder]:
    it = Forwarder(tmp_path)
    yield it
    it.stop()


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def test_bytes_go_through_both_ways(forwarder: Forwarder, echo: int) -> None:
    forwarder.start(launch, LOOPBACK, [Door(free_port(), echo)])
    (door,) = forwarder.doors()
    sent, got = os.urandom(300_000), b""
    with socket.create_connection((LOOPBACK, door.listen), timeout=10) as connection:
        sender = threading.Thread(target=lambda: (connection.sendall(sent), connection.shutdown(socket.SHUT_WR)))
        sender.start()
        while data := connection.recv(1 << 16):
            got += data
        sender.join(5)
    assert got == sent


def test_a_taken_port_gives_the_next_free_one(forwarder: Forwarder, echo: int) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        taken = other.getsockname()[1]
        forwarder.start(launch, LOOPBACK, [Door(taken, echo)])
        (door,) = forwarder.doors()
    assert taken < door.listen <= taken + 50


def test_a_second_start_leaves_the_first_alone(forwarder: Forwarder, echo: int) -> None:
    forwarder.start(launch, LOOPBACK, [Door(free_port(), echo)])
    before = forwarder.doors()
    forwarder.start(launch, LOOPBACK, [Door(free_port(), echo)])
    assert forwarder.doors() == before


def test_nothing_is_open_after_stop(forwarder: Forwarder, echo: int) -> None:
    forwarder.start(launch, LOOPBACK, [Door(free_port(), echo)])
    (door,) = forwarder.doors()
    forwarder.stop()
    assert forwarder.doors() == ()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, door.listen), timeout=5)


def test_another_process_with_the_number_is_never_ended(tmp_path: Path) -> None:
    (tmp_path / "forward").write_text(f"{os.getpid()} 1\n8443 443\n")
    Forwarder(tmp_path).stop()
    assert Forwarder(tmp_path).doors() == ()
