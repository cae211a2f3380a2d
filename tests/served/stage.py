"""What stands around the served site in place of nodes: queues, journals, quarantine, filters, agents, all in memory.

`answer` is what a test asks of it: a command, whether a password opens a mailbox, mail that waits or is refused.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from django.db import close_old_connections, connection

from relevo.cli import accounts_common
from relevo.cli.main import build
from relevo.cluster.pki import make_dkim_key
from relevo.directory import passwords, purge
from relevo.directory.dkim import keys
from relevo.directory.models import DistributionList, Mailbox
from relevo.directory.sieve import absence
from relevo.directory.trace.asking import search
from relevo.directory.trace.filters import Filters
from relevo.errors import RelevoError
from tests.served import pages, realistic, who
from tests.served.scripts import Mailboxes
from tests.unit.directory.lookups import Names
from tests.unit.directory.whole_view import flows, whole
from tests.unit.held.memory import MemoryBox
from tests.unit.held.memory import stored as stored_post
from tests.unit.quarantine.memory import MemoryStore, stored
from tests.unit.queue.memory import Platform, message
from tests.unit.trace.nodes import DOMAIN, Nodes, lines

WHY = "connect to mx.far.example[192.0.2.77]:25: Connection timed out"


class Stage:
    """All of it, in the place of what the site would ask on a node."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.queues, self.names, self.filters, self.kept = Platform(), Names(), Mailboxes(), MemoryStore()
        self.window: dict[str, Any] = {"view": whole(), "age": 0.2, "error": ""}
        self.waiting = MemoryBox()
        self._folder, self._count, pem = folder, 0, make_dkim_key()
        self.kept.take_the_place(patch)
        self.waiting.take_the_place(patch)
        patch.setattr("relevo.queue.ask.ask", self._ask)
        patch.setattr("relevo.directory.status.asking._look", lambda _path="": self.window)
        patch.setattr("relevo.lookup.ask.ask", self.names.ask)
        patch.setattr(absence, "scripts_of", self.filters.scripts_of)
        patch.setattr(keys, "make_dkim_key", lambda: pem)
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setattr(accounts_common, "SECRETS_FILE", str(Path(__file__)))  # something that is there: a node
        patch.setattr(purge.os.path, "ismount", lambda _path: True)

    def answer(self, question: Mapping[str, Any]) -> object:
        """Answer one question."""
        todo: dict[str, Callable[..., object]] = {
            "relevo": self._relevo, "opens": self._opens, "wait": self._wait, "refuse": self._refuse,
            "script": self.filters.active, "journal": self.journal, "handed_in": self._handed_in,
            "furnish": lambda: realistic.furnish(self), "ill": lambda: realistic.ill(self),
            "people": who.people, "keys": realistic.keys_of_apps,
            "pages": lambda: pages.pages(self._chosen())[0], "unfilled": lambda: pages.pages(self._chosen())[1],
        }
        try:
            return todo[question["do"]](**question["with"])
        finally:
            close_old_connections()

    def journal(self, domain: str) -> str:
        """Have the journals of both nodes tell of real messages, as if they had been this domain's."""
        made = Nodes(self._folder)
        for node in ("mail01", "mail02"):
            here = [line for line in lines("debian-13") if (line.program == "dovecot") is (node == "mail02")]
            made.write(node, (line._replace(text=line.text.replace(DOMAIN, domain)) for line in here))
        self.queues.indexes = made.paths
        return f"mia@{domain}"

    def _chosen(self) -> dict[str, list[str]]:
        """Return, for addresses with a number that is no row's, which ones there are."""
        traced = search(None, Filters(text=f"@{who.FIRST}", limit=2)).traces
        return {
            "/admin/queue/<str:number>/": list(self.queues.mail01.messages)[:2],
            "/admin/quarantine/<str:number>/": ["Kept00000001", "Kept00000002"],
            "/account/quarantine/<str:number>/": ["Kept00000001", "Kept00000002"],
            "/admin/held/<str:number>/": [one.id for one in self.waiting.posts()[:1]],
            "/account/held/<str:number>/": [one.id for one in self.waiting.posts()[:1]],
            "/admin/trace/<str:number>/": [one.id for one in traced],
        }

    def _ask(self, question: Mapping[str, object], path: str = "", within: float = 0) -> dict[str, Any]:
        return {"flows": flows()} if question["do"] == "flow" else self.queues.ask(question, path, within)

    def _relevo(self, words: list[str], stdin: str) -> str:
        out, before = io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(io.StringIO()):
                build(words[0])(words, standalone_mode=False)
        finally:
            sys.stdin = before
        return out.getvalue()

    @staticmethod
    def _opens(address: str, password: str, service: str) -> bool:
        """Tell whether a password opens a mailbox to a mail program, as Dovecot would find in its view."""
        box = Mailbox.objects.filter(address=address, enabled=True, removed_at=None, domain__enabled=True).first()
        if not box:
            return False
        hashes = [box.password, *(row.hashed for row in box.app_passwords.all() if getattr(row, service))]
        return any(passwords.matches(one, password) for one in hashes)

    def _wait(self, sender: str, recipient: str) -> str:
        self._count += 1
        number = f"{0xA0000000 + self._count:X}"
        self.queues.mail01.messages[number] = message(number, sender, recipient, reason=WHY)
        return number

    def _refuse(self, recipient: str, subject: str, kind: str = "spam", sender: str = "bad@outside.example") -> str:
        self._count += 1
        number = f"Kept{self._count:08}"
        self.kept.add(stored(number, recipient, sender=sender, subject=subject, kind=kind))
        return number

    def hold(self, address: str, subject: str, sender: str = "bad@outside.example") -> str:
        """Have a post to a list wait; return the word by which it is found."""
        self._count += 1
        key = DistributionList.objects.get(address=address).pk
        self.waiting.add(stored_post(f"4jcbQ71MC{self._count:05}", key, sender=sender, subject=subject))
        return subject

    def _handed_in(self, recipient: str, word: str) -> int:
        return sum(recipient in to and word.encode() in letter for _sender, to, letter in self.kept.sent)


def refusal(error: Exception) -> dict[str, str]:
    """Return an error as an answer; what is none of ours with where it comes from."""
    connection.close()
    return {"error": str(error) if isinstance(error, RelevoError) else "".join(traceback.format_exception(error))}
