"""What the administration on the web is shown of the agent, and that it gets nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from relevo.agent.ask import ask
from relevo.agent.server import serve as serve_agent
from relevo.agent.window import KEPT_SECONDS, Window, serve

VIEW = {"own": {"node": "mail01", "why": ["well"]}, "peers": {"mail02": {"age": 0.1}}}


class Agent:
    """An agent's socket, in a thread, that counts what it is asked and obeyed."""

    def __init__(self, path: str) -> None:
        self.asked, self.obeyed = 0, []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(path,), daemon=True)
        self._thread.start()
        while not self._answers(path):
            time.sleep(0.01)

    @staticmethod
    def _answers(path: str) -> bool:
        try:
            return bool(ask("history", path))
        except OSError:
            return False

    def _run(self, path: str) -> None:
        asyncio.set_event_loop(self._loop)
        self._work = self._loop.create_task(serve_agent(path, self._view, list, self.obeyed.append))
        with pytest.raises(asyncio.CancelledError):
            self._loop.run_until_complete(self._work)

    def _view(self) -> dict[str, Any]:
        self.asked += 1
        return VIEW

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._work.cancel)
        self._thread.join(5)


@pytest.fixture
def agent(tmp_path):
    found = Agent(str(tmp_path / "agent.sock"))
    yield found
    found.end()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_agents_view_with_its_age(agent, tmp_path):
    clock = Clock()
    window = Window(str(tmp_path / "agent.sock"), clock)
    assert json.loads(window.line()) == {"view": VIEW, "age": 0.0, "error": ""}
    clock.now += KEPT_SECONDS / 2
    assert json.loads(window.line())["age"] == KEPT_SECONDS / 2


def test_however_many_look_the_agent_is_asked_twice_a_second(agent, tmp_path):
    clock = Clock()
    window = Window(str(tmp_path / "agent.sock"), clock)
    for _ in range(100):
        window.line()
        clock.now += 0.01
    assert agent.asked == 2


def test_of_an_agent_that_does_not_answer_the_last_view_is_shown_with_its_age_and_why(tmp_path):
    path, clock = str(tmp_path / "agent.sock"), Clock()
    window = Window(path, clock)
    assert json.loads(window.line()) == {"view": None, "age": None, "error": "No such file or directory"}
    agent = Agent(path)
    clock.now += 1
    assert json.loads(window.line())["view"] == VIEW
    agent.end()
    clock.now += 60
    told = json.loads(window.line())
    assert (told["view"], told["age"]) == (VIEW, 60)
    assert told["error"]


def test_a_frozen_agent_holds_up_nobody(tmp_path):
    path = str(tmp_path / "agent.sock")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(path)
        silent.listen(1)
        assert json.loads(Window(path).line()) == {"view": None, "age": None, "error": "timed out"}


def test_what_is_sent_is_never_read_and_obeyed(agent, tmp_path):
    path = str(tmp_path / "view.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(8)
        window = Window(str(tmp_path / "agent.sock"))
        threading.Thread(target=serve, args=(listening, window), daemon=True).start()
        for word in (b"drain\n", b"switchover --force\n", b""):
            with socket.socket(socket.AF_UNIX) as looking, contextlib.suppress(OSError):  # it may be closed by then
                looking.settimeout(5)
                looking.connect(path)
                if word:
                    looking.sendall(word)
                told = b"".join(iter(lambda: looking.recv(65536), b""))
        assert json.loads(told)["view"] == VIEW
    assert agent.obeyed == []


def test_it_is_started_by_its_socket_alone():
    done = subprocess.run(
        [sys.executable, "-m", "relevo.agent.window"], capture_output=True, text=True, check=False, timeout=30,
    )
    assert (done.returncode, "relevo-view.socket" in done.stderr) == (1, True)
