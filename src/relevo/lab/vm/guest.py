"""Run commands in a machine by its guest agent (qemu-ga), which needs no network of the machine.

    python -m relevo.lab.vm.guest SOCKET NAME=VALUE... -- COMMAND...

does it in that environment with this process's standard input, and ends with the command's code. What the command says
is passed on at its end: the agent keeps it until then, 16 MB at most.
"""

from __future__ import annotations

import os
import select
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from secrets import randbelow
from subprocess import CompletedProcess
from time import monotonic
from typing import Any

from relevo.errors import LabError, RelevoError
from relevo.i18n import _
from relevo.lab.vm.lines import Lines, SilentMonitor

_MODULE = "relevo.lab.vm.guest"
_SIGNALLED = 128  # added to a signal's number it is the code of a command that it ended, as in a shell
_ANSWER_SECONDS = 10.0  # of the agent itself, on an emulated machine that is busy
_LOOK_SECONDS = 0.05
_FOREVER = 7 * 86400.0
_FLUSH = b"\xff"  # makes the agent forget half a line that an earlier caller left, QEMU's "guest-sync-delimited"


class Guest:
    """The agent in one machine, behind a socket of QEMU."""

    def __init__(self, socket: Path, environment: Sequence[str]) -> None:
        self._socket = socket
        self._environment = list(environment)

    def run(self, command: Sequence[str], within: float, stdin: bytes) -> CompletedProcess[bytes]:
        """Run a command and return its code and all it said.

        Raises:
            TimeoutError: it was not at its end in time; it goes on.
            LabError: the agent does not answer.
        """
        number = self._start(command, stdin)
        end = monotonic() + within
        while True:
            now = self._ask("guest-exec-status", pid=number)
            if now["exited"]:
                return _done(command, now)
            if monotonic() > end:
                raise TimeoutError
            select.select([], [], [], _LOOK_SECONDS)

    def answers(self) -> bool:
        """Tell whether it is there, as it is once the machine has booted so far."""
        try:
            self._ask("guest-ping")
        except SilentMonitor:
            return False
        return True

    def _start(self, command: Sequence[str], stdin: bytes) -> int:
        path, *arguments = command
        settings: dict[str, object] = {
            "path": path, "arg": arguments, "env": self._environment, "capture-output": True,
            "input-data": b64encode(stdin).decode(),
        }
        return int(self._ask("guest-exec", **settings)["pid"])

    def _ask(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON of any shape
        """Say one thing to the agent: the connection is free again after it, since there is only one at a time."""
        with Lines(self._socket, _ANSWER_SECONDS) as lines:
            token = randbelow(1 << 31)
            lines.send({"execute": "guest-sync-delimited", "arguments": {"id": token}}, before=_FLUSH)
            while lines.receive().get("return") != token:
                pass
            lines.send({"execute": command, "arguments": arguments})
            answer = lines.receive()
        if "error" in answer:
            reason = answer["error"].get("desc", answer["error"])
            raise LabError(_("the machine refuses it: {reason}").format(reason=reason))
        return answer["return"]


def command_line(socket: Path, environment: Sequence[str], command: Sequence[str]) -> list[str]:
    """Return the argument list that runs a command in the machine behind that socket."""
    return [sys.executable, "-m", _MODULE, str(socket), *environment, "--", *command]


def _done(command: Sequence[str], status: dict[str, Any]) -> CompletedProcess[bytes]:
    out, err = (b64decode(status.get(name, "")) for name in ("out-data", "err-data"))
    code = -status["signal"] if "signal" in status else status["exitcode"]
    return CompletedProcess(list(command), code, out, err)


def main(arguments: Sequence[str]) -> int:
    """Run what the command line says; return its code."""
    place = list(arguments).index("--")
    socket, *environment = arguments[:place]
    stdin = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    done = Guest(Path(socket), environment).run(arguments[place + 1 :], _FOREVER, stdin)
    os.write(sys.stdout.fileno(), done.stdout)
    os.write(sys.stderr.fileno(), done.stderr)
    return done.returncode if done.returncode >= 0 else _SIGNALLED - done.returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except RelevoError as error:
        sys.exit(f"error: {error}")
