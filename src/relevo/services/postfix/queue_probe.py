"""How long the queues are that this node delivers: a child counts (`queue_count.py`), and may hang instead of us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from relevo.agent.probe import Deadline, Measured, NoAnswer

COUNT_SECONDS = 30.0
SILENT_SECONDS = 120.0  # a count takes milliseconds; on a storage that heals, seconds
_CHILD = str(Path(__file__).with_name("queue_count.py"))


class QueueProbe:
    """The check and its child, which lives as long as the agent; one thread at a time uses it."""

    def __init__(self, queues: Mapping[str, str], every: float = COUNT_SECONDS) -> None:
        """Take the queues' directories by the node whose they are."""
        pairs = [word for pair in queues.items() for word in pair]
        self._command = [sys.executable, "-I", "-S", _CHILD, str(every), *pairs]
        self._child: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._last: dict[str, int] = {}
        self._at = time.monotonic()

    def check(self, _: Deadline) -> str:
        """Return how many messages wait; raise NoAnswer when nothing could be counted for a while."""
        if self._child is None or self._child.poll() is not None:
            self._begin()
        self._take()
        if time.monotonic() - self._at > SILENT_SECONDS:
            raise NoAnswer("the queue could not be counted: the mail store does not answer")
        text = ", ".join(f"{number} of {node}" for node, number in self._last.items())
        return Measured(text, {"queue_messages": dict(self._last)} if self._last else {})

    def close(self) -> None:
        """End the child."""
        if self._child:
            self._child.kill()
            self._child.wait()

    def _begin(self) -> None:
        if self._child:
            _close_pipes(self._child)
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._read = b""
        if self._child.stdout:
            os.set_blocking(self._child.stdout.fileno(), False)

    def _take(self) -> None:
        """Take in what the child has counted since the last time."""
        out = self._child.stdout if self._child else None
        while piece := out.read(65536) if out else None:
            self._read += piece
        *lines, self._read = self._read.split(b"\n")
        if lines:
            self._last, self._at = json.loads(lines[-1]), time.monotonic()


def _close_pipes(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()
