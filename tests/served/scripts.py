"""The scripts of every mailbox, kept in memory in place of Dovecot's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from relevo.directory.models import Mailbox


class Scripts:
    """As much of sieve.client as an absence note needs."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.active = ""

    def scripts(self) -> dict[str, bool]:
        return {name: name == self.active for name in self.known}

    def get(self, name: str) -> str:
        return self.known[name]

    def put(self, name: str, script: str) -> None:
        self.known[name] = script

    def activate(self, name: str) -> None:
        self.active = name


class Mailboxes:
    """Those of all mailboxes."""

    def __init__(self) -> None:
        self._by_address: dict[str, Scripts] = {}

    @contextmanager
    def scripts_of(self, box: Mailbox, within: float = 0.0) -> Iterator[Scripts]:  # noqa: ARG002 - as the real one
        yield self._by_address.setdefault(box.address, Scripts())

    def active(self, address: str) -> str:
        """Return the text of the script that runs for a mailbox; empty when none does."""
        scripts = self._by_address.get(address, Scripts())
        return scripts.known.get(scripts.active, "")
