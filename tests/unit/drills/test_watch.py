"""The watch against real servers on loopback: one that goes away and comes back, one that is slow, one that hangs."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from relevo.drills import watch as watching
from relevo.drills.outage import Outage
from relevo.drills.watch import Exchange, NoRoom, Room, UnexpectedAnswer, Watch
from relevo.errors import DrillError


@contextmanager
def server(port: int = 0, banner: bytes = b"220 hello\r\n", delay: float = 0.0) -> Iterator[int]:
    """Greet whoever connects, after a delay; gone when the block ends."""
    listener = socket.create_server(("127.0.0.1", port))
    over = threading.Event()

    def greet(connection: socket.socket) -> None:
        over.wait(delay)
        with connection:
            connection.sendall(banner)

    def serve() -> None:
        listener.settimeout(0.05)
        while not over.is_set():
            try:
                connection, _peer = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=greet, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listener.close()


def greeting(port: int, every: float = 0.02) -> Exchange:
    async def perform() -> str:
        async with asyncio.timeout(watching.CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            line = (await reader.readline()).decode()
        finally:
            writer.close()
        if not line.startswith("220"):
            raise UnexpectedAnswer(line or "closed")
        return line

    return Exchange("SMTP", "banner", every, perform)


def watched(exchange: Exchange, fault: Callable[[], None]) -> Outage:
    with Watch([exchange]) as watch:
        since = time.monotonic()
        fault()
        watch.until_steady(time.monotonic(), within=8)
        ((_same, outage),) = watch.outages(since)
    return outage


def test_a_server_that_was_away_is_measured() -> None:
    with server() as port:
        pass
    away = 0.6
    first = server(port)
    first.__enter__()
    second = server(port)

    def fault() -> None:
        first.__exit__(None, None, None)
        time.sleep(away)
        second.__enter__()

    try:
        outage = watched(greeting(port), fault)
    finally:
        second.__exit__(None, None, None)
    assert outage.measured
    assert outage.recovered
    assert outage.lost > 0
    assert outage.seconds >= away
    assert any(word in outage.trouble.lower() for word in ("refused", "closed", "reset"))


def test_nothing_is_lost_where_nothing_breaks() -> None:
    with server() as port:
        outage = watched(greeting(port), lambda: None)
    assert outage.lost == 0
    assert outage.recovered
    assert outage.probes > 20


def test_answers_that_take_longer_than_the_grid_overlap() -> None:
    at_once: list[int] = [0]
    with server(delay=0.3) as port:
        asked = greeting(port)

        async def perform() -> str:
            at_once.append(at_once[-1] + 1)
            try:
                return await asked.perform()
            finally:
                at_once.append(at_once[-1] - 1)

        outage = watched(replace(asked, perform=perform), lambda: None)
    assert outage.lost == 0
    assert max(at_once) > 2  # one after the other there would be one


def test_a_wrong_answer_is_a_failure() -> None:
    with server() as port, Watch([greeting(port)]) as watch:
        pass
    with server(port, banner=b"421 not now\r\n"):
        exchange = greeting(port)
        with pytest.raises(UnexpectedAnswer, match="421"):
            asyncio.run(exchange.perform())  # type: ignore[arg-type]
    assert watch.outages(0.0)


def test_a_server_that_never_answered_is_no_ground_for_a_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_BEFORE_SECONDS", 0.3)
    with server() as port:
        pass
    with pytest.raises(DrillError, match="before the fault"), Watch([greeting(port)]):
        pytest.fail("the watch began without an answer")


def test_connections_beyond_what_servers_allow_are_not_counted() -> None:
    room = Room(2)
    with room.place(), room.place(), pytest.raises(NoRoom), room.place():
        pytest.fail("there was a third place")
    with room.place():
        assert room.places == 1
