"""A filter that says nothing: busy as long as it uses processor time, hung when it does not."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo.agent.probe import Conversation, Deadline, NoAnswer, StandsStill, used
from relevo.services.amavis.health import speaks, stands_still


@pytest.fixture
def mute() -> Iterator[tuple[socket.socket, tuple[str, int]]]:
    """A server whose kernel takes connections while no process of it does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server, server.getsockname()


def test_who_uses_no_time_hangs(mute: tuple[socket.socket, tuple[str, int]]) -> None:
    _, address = mute
    with Conversation(address, Deadline(5)) as line, pytest.raises(StandsStill, match=r"ran for 0\.05 s"):
        speaks(line, lambda: (1.5, 3.0), within=5, still=0.05)


def test_who_works_is_busy(mute: tuple[socket.socket, tuple[str, int]]) -> None:
    _, address = mute
    clock = itertools.count()
    with Conversation(address, Deadline(5)) as line:
        assert not speaks(line, lambda: (float(next(clock)), 3.0), within=0.2, still=0.05)


def test_what_the_scanner_ends_meanwhile_delays_it_by_no_more(mute: tuple[socket.socket, tuple[str, int]]) -> None:
    _, address = mute
    look = itertools.count()
    with Conversation(address, Deadline(5)) as line, pytest.raises(StandsStill):
        speaks(line, lambda: (1.5, 3.0 + 0.3 * min(next(look), 2)), within=5, still=0.06)
    assert next(look) <= 2 + 6 + 2  # those in which it worked, then as many as are `still`, and one that came early


def test_where_the_kernel_does_not_tell_silence_is_a_failure(mute: tuple[socket.socket, tuple[str, int]]) -> None:
    _, address = mute
    with Conversation(address, Deadline(5)) as line, pytest.raises(NoAnswer) as caught:
        speaks(line, lambda: (None, None), within=0.2, still=0.05)
    assert not isinstance(caught.value, StandsStill)


def test_who_speaks_is_heard(mute: tuple[socket.socket, tuple[str, int]]) -> None:
    server, address = mute
    with Conversation(address, Deadline(5)) as line:
        accepted, _ = server.accept()
        with accepted:
            accepted.sendall(b"220 here\r\n")
            assert speaks(line, lambda: (1.5, 3.0), within=5, still=5)
            assert line.line() == "220 here"


def test_the_scanners_work_and_what_nobody_knows_excuse_the_filter() -> None:
    assert stands_still((1.0, 3.0), (1.0, 3.001))
    assert stands_still((1.0, None), (1.0, None))
    assert not stands_still((1.0, 3.0), (1.0, 3.4))
    assert not stands_still((1.0, 3.0), (1.000001, 3.0))
    assert not stands_still((None, 3.0), (None, 3.0))


def test_the_kernels_count_is_in_seconds(tmp_path: Path) -> None:
    (tmp_path / "a.service").mkdir()
    assert used("a.service", tmp_path) is None
    (tmp_path / "a.service" / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 2000000\n", encoding="ascii")
    assert used("a.service", tmp_path) == 2.5
