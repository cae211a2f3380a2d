"""What of a stream arrived, and where the rest is: mailboxes by IMAP while it goes on, queues and bounces after it."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Self

from relevo.agent.probe import Conversation, Deadline, ProbeFailed
from relevo.drills.ledger import Account, Ledger
from relevo.drills.letters import TOKEN_HEADER
from relevo.drills.mailbox import IMAPS_PORT, Mailbox
from relevo.drills.stream import ANSWER_SECONDS
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import TROUBLE
from relevo.drills.watch import CONNECT_SECONDS
from relevo.errors import DrillError
from relevo.i18n import _
from relevo.lab.contract import CLIENT, OUTSIDE_MAILDIR

LOOK_SECONDS, LOOK_PATIENCE_SECONDS = 0.4, 3.0  # between two looks into a mailbox; for one answer

_TAG = "relevo.drill"  # of IMAP commands; no line of a message begins with it
_TOKEN = re.compile(r"\bdrill[0-9a-f]{16}\b")
_TOKEN_LINE = re.compile(rf"(?mi)^{TOKEN_HEADER}: *(drill[0-9a-f]{{16}})\s*$")
# The headers of every message in this machine's queue; one that leaves meanwhile is passed over.
_QUEUED = r"""
set -o pipefail
postqueue -j | sed -n 's/.*"queue_id": "\([^"]*\)".*/\1/p' | while read -r id; do postcat -hq "$id" || :; done
"""
_RETURNED = f"grep -rhoE 'drill[0-9a-f]{{16}}' {OUTSIDE_MAILDIR} || [ $? = 1 ]"


class ImapTalk(Conversation):
    """An IMAP session over TLS, logged in, line by line; it gives up at once where nobody answers a SYN."""

    def __init__(self, box: Mailbox, patience: float = ANSWER_SECONDS) -> None:
        super().__init__((box.address, IMAPS_PORT), Deadline(CONNECT_SECONDS))
        self._patience = patience
        try:
            self._deadline = Deadline(patience)
            self.start_tls(box.tls)
            self.expect("* OK")
            self.ask(f'LOGIN "{box.account.address}" "{box.account.password}"')
        except BaseException:
            self._socket.close()
            raise

    def ask(self, command: str) -> list[str]:
        """Send a command; return the lines before its OK, raise ProbeFailed when it is refused."""
        self._deadline = Deadline(self._patience)
        self.send(f"{_TAG} {command}")
        said = []
        while not (line := self.line()).startswith(f"{_TAG} "):
            said.append(line)
        if not line.startswith(f"{_TAG} OK"):
            raise ProbeFailed(f"{command.split(maxsplit=1)[0]}: {line[:160]}")
        return said

    def tokens(self, first: int = 1) -> tuple[list[str], int]:
        """Return the token of each message of the open folder from UID `first` on, and the UID to go on with."""
        said = self.ask(f"UID FETCH {first}:* (UID BODY.PEEK[HEADER.FIELDS ({TOKEN_HEADER})])")
        uids = [int(uid) for line in said for uid in re.findall(r"^\* \d+ FETCH .*?\bUID (\d+)", line)]
        return _TOKEN_LINE.findall("\n".join(said)), max(uids, default=first - 1) + 1


class Arrivals:
    """Look into the inboxes over and over and note when each message was `seen` first, in monotonic seconds."""

    def __init__(self, boxes: Sequence[Mailbox]) -> None:
        self.seen: dict[str, float] = {}
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._watch, args=(box,), daemon=True) for box in boxes]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def until(self, tokens: Collection[str], within: float) -> bool:
        """Wait until all of these messages were seen, at most `within` seconds; tell whether they were."""
        with suppress(DrillError):
            return eventually(lambda: self.seen.keys() >= set(tokens), within=within, every=0.05, what=_("messages"))
        return False

    def _watch(self, box: Mailbox) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with suppress(*TROUBLE), ImapTalk(box, LOOK_PATIENCE_SECONDS) as talk:
                self._look(talk)

    def _look(self, talk: ImapTalk) -> None:
        talk.ask("EXAMINE INBOX")
        first = 1
        while not self._over.wait(LOOK_SECONDS):
            talk.ask("NOOP")
            tokens, first = talk.tokens(first)
            now = time.monotonic()
            for token in tokens:
                self.seen.setdefault(token, now)


def boxes(world: World) -> list[Mailbox]:
    """Return the mailboxes behind the doors."""
    return [world.mailbox(world.accounts.a), world.mailbox(world.accounts.b)]


def found(world: World) -> Counter[str]:
    """Return how many copies of each message are in the mailboxes: the inbox and Junk, read anew from the first on."""
    copies: Counter[str] = Counter()
    for box in boxes(world):
        with ImapTalk(box) as talk:
            for folder in ("INBOX", "Junk"):
                talk.ask(f"EXAMINE {folder}")
                copies.update(talk.tokens()[0])
    return copies


def queued(world: World) -> Counter[str]:
    """Return how many copies of each message are in the mail nodes' queues, both of which must be on."""
    heads = [node.run("bash", "-c", _QUEUED) for node in world.mail_nodes]
    return Counter(token for text in heads for token in _TOKEN_LINE.findall(text))


def bounced(world: World) -> set[str]:
    """Return the tokens that stand in what came back to the senders: here, and in the lab at the outside server."""
    tokens: set[str] = set()
    for box in boxes(world):
        with ImapTalk(box) as talk:
            talk.ask("EXAMINE INBOX")
            hits = talk.ask("UID SEARCH HEADER Content-Type multipart/report")
            if uids := [uid for line in hits if line.startswith("* SEARCH") for uid in line.split()[2:]]:
                tokens.update(_TOKEN.findall("\n".join(talk.ask(f"UID FETCH {','.join(uids)} (BODY.PEEK[])"))))
    if world.platform.in_lab:
        tokens.update(_TOKEN.findall(world.platform.run(CLIENT, ["sh", "-c", _RETURNED], within=30, stdin=None)))
    return tokens


def settle(world: World, ledger: Ledger, within: float) -> Account:
    """Wait until all that was accepted is in the mailboxes and the queues hold none of it; then reconcile.

    After `within` seconds it reconciles what it sees. A copy counts as queued when it was there before and after the
    mailboxes were read, so that one on its way is never counted twice; it may then count as lost, never as whole.
    """
    seen: list[tuple[Counter[str], Counter[str]]] = []

    def settled() -> bool:
        before = queued(world)
        there = found(world)
        seen.append((there, before & queued(world)))
        return not before.keys() & ledger.tokens() and ledger.accepted().keys() <= there.keys()

    try:
        eventually(settled, within=within, what=_("the accepted messages in the mailboxes"), every=1.0)
    except DrillError:
        if not seen:
            raise
    return ledger.reconcile(*seen[-1], bounced(world))
