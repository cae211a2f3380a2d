"""QEMU's two dialogues, of the monitor (QMP) and of the guest's agent: a line of JSON each way over a unix socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Self

from relevo.errors import LabError
from relevo.i18n import _

_CHUNK = 65536


class SilentMonitor(LabError):  # noqa: N818 - what happened
    """Nobody is behind the socket, or no answer came in time."""


class Lines:
    """One connection to such a socket; `within` is the deadline in seconds of everything that is said on it."""

    def __init__(self, path: Path, within: float) -> None:
        self._end = monotonic() + within
        self._path = path
        self._rest = b""
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(within)
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            text = _("nothing listens at {path}: {reason}")
            raise SilentMonitor(text.format(path=path, reason=error.strerror or error)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, message: Mapping[str, object], before: bytes = b"") -> None:
        """Send a message, after bytes that are none."""
        self._timed()
        try:
            self._socket.sendall(before + json.dumps(message).encode() + b"\n")
        except OSError as error:
            text = _("{path} takes nothing: {reason}")
            raise SilentMonitor(text.format(path=self._path, reason=error.strerror or error)) from None

    def receive(self) -> dict[str, Any]:
        """Return the next message."""
        while b"\n" not in self._rest:
            self._timed()
            try:
                more = self._socket.recv(_CHUNK)
            except OSError as error:
                text = _("{path} does not answer: {reason}")
                raise SilentMonitor(text.format(path=self._path, reason=error.strerror or error)) from None
            if not more:
                raise SilentMonitor(_("{path} was closed").format(path=self._path))
            self._rest += more
        line, _end, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(line.lstrip(b"\xff")))

    def _timed(self) -> None:
        left = self._end - monotonic()
        if left <= 0:
            raise SilentMonitor(_("{path} does not answer in time").format(path=self._path))
        self._socket.settimeout(left)


def ask(path: Path, command: str, within: float = 5, **arguments: object) -> Any:  # noqa: ANN401 - JSON of any shape
    """Have the monitor do one command; return its answer.

    Raises:
        SilentMonitor: there is no monitor, or it said nothing in time.
        LabError: it refuses, in its own words.
    """
    with Lines(path, within) as lines:
        lines.receive()  # its greeting
        for name, values in (("qmp_capabilities", {}), (command, arguments)):
            lines.send({"execute": name, "arguments": values})
            answer = lines.receive()
            while "event" in answer:
                answer = lines.receive()
            if "error" in answer:
                reason = answer["error"].get("desc", answer["error"])
                raise LabError(_("QEMU refuses {command}: {reason}").format(command=name, reason=reason))
    return answer["return"]
