"""The served site as a place to do jobs at: everything but mail that goes over a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from relevo.drills.accounts import Account
from relevo.drills.waiting import eventually
from relevo.errors import RelevoError

ROOT = Path(__file__).parents[2]


class ServedPlace:
    """A process with the site; questions go to its stdin."""

    has_mail = False

    def __init__(self, process: subprocess.Popen[str], host: str) -> None:
        self._process, self.host = process, host
        self.port = int(self._answer()["port"])
        self.base = f"http://{host}:{self.port}"
        self._count = 0

    def connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    def relevo(self, words: Sequence[str], stdin: str = "") -> str:
        return str(self.ask("relevo", words=list(words), stdin=stdin))

    def opens(self, account: Account, service: str = "imap") -> bool:
        return bool(self.ask("opens", address=account.address, password=account.password, service=service))

    def make_wait(self, sender: str, recipient: str) -> None:
        self.ask("wait", sender=sender, recipient=recipient)

    def make_refused(self, recipient: str) -> str:
        self._count += 1
        self.ask("refuse", recipient=recipient, subject=f"refused{self._count}")
        return f"refused{self._count}"

    def make_held(self, address: str) -> str:
        raise NotImplementedError

    def has_released(self, recipient: Account, word: str) -> bool:
        return bool(self.ask("handed_in", recipient=recipient.address, word=word))

    def await_released(self, recipient: Account, word: str) -> None:
        eventually(lambda: self.has_released(recipient, word), within=60, what="the message in the mailbox")

    def leave_traces(self, reader: Account) -> str:
        return str(self.ask("journal", domain=reader.address.partition("@")[2]))

    def script(self, address: str) -> str:
        return str(self.ask("script", address=address))

    def fail_over(self) -> None:
        self.ask("outage")

    def carries(self, address: str, reader: Account) -> bool:
        raise NotImplementedError

    def turns_away(self, address: str) -> bool:
        raise NotImplementedError

    def ask(self, do: str, **given: object) -> Any:
        """Ask the process something of its stage."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": do, "with": given}) + "\n")
        self._process.stdin.flush()
        told = self._answer()
        if isinstance(told, dict) and "error" in told:
            raise RelevoError(told["error"])
        return told

    def _answer(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


@contextmanager
def served(folder: Path, host: str = "localhost") -> Iterator[ServedPlace]:
    """Serve the site from a folder."""
    environment = {
        **os.environ, "RELEVO_SERVED_FOLDER": str(folder), "RELEVO_SERVED_HOST": host,
        "PYTHONPATH": f"{ROOT}/src:{ROOT}",
    }
    with (folder / "log").open("w", encoding="utf-8") as log, subprocess.Popen(
        [sys.executable, "-m", "tests.served"], cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=log,
    ) as process:
        try:
            yield ServedPlace(process, host)
        finally:
            process.kill()
