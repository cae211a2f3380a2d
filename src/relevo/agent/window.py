"""Lets the administration on the web see the agent's view: `python -m relevo.agent.window`, for relevo-view.socket.

A process of its own, so that whoever breaks into the web can neither give the agent an order nor keep it busy: nothing
that is sent here is read, and however many look, the agent is asked twice a second at most. Who may look is a matter of
the socket's mode. One line of JSON for each connection, which is closed then:

    view    the agent's whole view as it was last told (`Node.whole_view`), null: never
    age     seconds since then
    error   why the agent does not answer now, "" when it does
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable

from relevo.agent.ask import ask
from relevo.agent.pace import paced
from relevo.agent.settings import SOCKET_PATH

KEPT_SECONDS = 0.5  # an answer is good for so long
_ASK_SECONDS = paced(0.15)  # who looks waits as well: an agent that is frozen must not hold up what was known before
_SEND_SECONDS = 1.0
_FROM_SYSTEMD = 3  # sd_listen_fds(3)


class Window:
    """The last view that the agent at a socket has told."""

    def __init__(self, path: str = SOCKET_PATH, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._asked = self._told = float("-inf")
        self._text, self._error = "null", ""

    def line(self) -> bytes:
        """Return what somebody who looks now gets."""
        if self._clock() - self._asked >= KEPT_SECONDS:
            self._ask()
        age = None if self._text == "null" else round(self._clock() - self._told, 3)
        head = json.dumps({"age": age, "error": self._error})
        return f'{head[:-1]}, "view": {self._text}}}\n'.encode()

    def _ask(self) -> None:
        try:
            text = ask("view", self._path, _ASK_SECONDS).strip()
            json.loads(text)
        except (OSError, ValueError) as error:
            self._error = str(getattr(error, "strerror", "") or error)
        else:
            self._text, self._error, self._told = text, "", self._clock()
        self._asked = self._clock()


def serve(listening: socket.socket, window: Window) -> None:
    """Answer who connects, one after the other, for ever."""
    while True:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_SEND_SECONDS)
            connection.sendall(window.line())


def main() -> int:
    """Serve the socket that systemd hands over."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        sys.stderr.write("relevo-view.socket starts this\n")
        return 1
    serve(socket.socket(fileno=_FROM_SYSTEMD), Window())
    return 0


if __name__ == "__main__":
    sys.exit(main())
