"""A worker on a node, as seen from the operator's machine: orders go out, events come back."""

from __future__ import annotations

import getpass
import json
import socket
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from relevo.cluster.model import Node
from relevo.deploy import events
from relevo.deploy.events import Event
from relevo.deploy.shell import PATIENCE, patience
from relevo.deploy.ssh import Ssh
from relevo.errors import LockedError, NodeError, StepFailed, UnreachableError
from relevo.i18n import _, language

_END_SECONDS = 20


@dataclass(frozen=True)
class Opening:
    """The first line that a worker reads: what the operator wrote, and who is at work, for the lock and the journal."""

    node: str
    cluster: str  # text of the cluster file
    secrets: str  # text of the secrets file
    who: str
    why: str
    language: str = field(default_factory=language)  # of what goes wrong there

    def to_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))


def operator() -> str:
    """Return who is at work, e.g. `ana@laptop`."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


class Worker:
    """One worker process on one node. Calls block; use one thread a node."""

    def __init__(self, ssh: Ssh, node: Node, interpreter: str, code: str, opening: Opening) -> None:
        """Start it and wait until it is ready.

        Raises:
            LockedError: another command is at work on that node.
            NodeError: it could not start there.
        """
        self.node = node
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        environment = [f"PYTHONPATH={code}", "LC_ALL=C.UTF-8", f"{PATIENCE}={patience():g}"]
        command = ["env", *environment, interpreter, "-m", "relevo.deploy.worker"]
        self._process = ssh.open(node, command, self._stderr)
        self._send(opening.to_json())
        first = self._receive()
        if first.kind == events.LOCKED:
            raise LockedError(f"{node.name}: {first.detail}")
        if first.kind != events.READY:
            raise NodeError(node.name, first.detail)
        self.ready = first.detail

    def order(self, verb: str, service: str, heard: Callable[[Event], None]) -> list[Event]:
        """Have one service planned or applied; return its changes. `heard` gets each event as it comes.

        Raises:
            StepFailed: a step failed; names node, service and step.
            UnreachableError: the connection broke.
        """
        self._send(json.dumps({"do": verb, "service": service}))
        changes: list[Event] = []
        while True:
            event = self._receive()
            heard(event)
            if event.kind == events.FAILED:
                raise StepFailed(self.node.name, event.service, event.detail)
            if event.kind == events.DONE:
                return changes
            if event.kind == events.CHANGE:
                changes.append(event)

    def close(self) -> None:
        """Let the worker end, and free its lock."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._stderr.close()

    def _send(self, line: str) -> None:
        try:
            assert self._process.stdin  # noqa: S101 - opened with a pipe
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._broken() from None

    def _receive(self) -> Event:
        assert self._process.stdout  # noqa: S101 - opened with a pipe
        while line := self._process.stdout.readline():
            try:
                return Event.from_json(line.decode(errors="replace"))
            except ValueError:
                continue  # something that a program printed
        raise self._broken()

    def _broken(self) -> UnreachableError:
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace").strip()
        return UnreachableError(
            self.node.name,
            _("the connection to it broke; what was half done is finished by the next apply. {said}").format(
                said=said[-800:]
            ),
        )
