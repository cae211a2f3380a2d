"""What waits in the mail queues of both mail nodes, and why.

A global administrator sees everything; one of some domains the messages whose sender or recipient is in these. None for
an administrator stands for who runs a command on a node, as root.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from relevo.cluster.wires import QUEUE_SOCKET
from relevo.directory import scope
from relevo.directory.at_once import at_once
from relevo.directory.mail_words import readable
from relevo.directory.models import Administrator
from relevo.directory.queue.messages import Message, Queue, message, queue, silent_queue
from relevo.errors import DirectoryError, QueueError
from relevo.i18n import _
from relevo.queue import ask
from relevo.queue.listing import STATES
from relevo.queue.questions import ID, MOST_IDS

MOST_ROWS = 200  # on one page


@dataclass(frozen=True)
class Filters:
    """Which messages; what is empty does not matter. Texts are looked for anywhere, in any case."""

    text: str = ""  # words that all occur in id, addresses or reasons
    sender: str = ""  # `<>` for bounces
    recipient: str = ""
    node: str = ""  # whose queue it is, or who works on it
    state: str = ""  # out of STATES
    ids: tuple[str, ...] = ()
    after: str = ""  # the last message of the page before
    limit: int = 50


@dataclass(frozen=True)
class Listing:
    """What was found, the oldest first, and of which queues; `more` says that there are others behind."""

    messages: Sequence[Message]
    queues: Sequence[Queue]
    nodes: Sequence[str]  # all mail nodes, whichever were asked for
    more: bool
    at: datetime = field(default_factory=timezone.now)

    @property
    def troubles(self) -> list[str]:
        """What is not known, and why, in sentences."""
        return [text for one in self.queues if (text := one.trouble(self.queues))]

    @property
    def is_whole(self) -> bool:
        """Whether every queue has been read to its end."""
        return not any(one.error or one.silent or one.cut for one in self.queues)

    @property
    def matching(self) -> int:
        """How many fit, on all pages."""
        return sum(one.matching for one in self.queues)

    def count(self, state: str) -> int:
        """Return how many are in a state, whatever else was asked for."""
        return sum(one.counts[state] for one in self.queues)


def listing(administrator: Administrator | None, filters: Filters) -> Listing:
    """Return what an administrator sees of the queues of both nodes; a node that can't be asked is one of `queues`."""
    return _listed(asked(_question(administrator, filters)), filters)


def glance(administrator: Administrator, filters: Filters, within: float) -> Listing:
    """Return what can be seen within so many seconds: when the other node is slow or dead, what is on this one.

    Raises QueueError when that does not come either.
    """
    question = _question(administrator, filters)
    both, here = at_once(
        lambda: asked(question, within), lambda: asked({**question, "here": True}, within),
    )
    if not isinstance(both, Exception):
        return _listed(both, filters)
    if isinstance(here, Exception):
        raise here
    seen = {one["of"] for one in here["queues"]}
    silent = [silent_queue(node) for node in here["nodes"] if node not in seen]
    return _listed({**here, "queues": [*here["queues"], *silent]}, filters)


def _question(administrator: Administrator | None, filters: Filters) -> dict[str, object]:
    if filters.state and filters.state not in STATES:
        raise DirectoryError(
            _("{state!r} is no state: take of {states}").format(state=filters.state, states=", ".join(STATES))
        )
    return {
        "do": "list", "states": [filters.state] if filters.state else [], "words": filters.text.split(),
        "sender": _line(filters.sender), "recipient": _line(filters.recipient), "node": _node(filters.node),
        "ids": checked(filters.ids), "after": _line(filters.after), "limit": filters.limit + 1,
        "domains": scope.queue_domains(administrator) if administrator else None,
    }


def _listed(told: Mapping[str, Any], filters: Filters) -> Listing:
    found = [message(row) for row in told["rows"]]
    queues = [queue(one) for one in told["queues"]]
    return Listing(found[: filters.limit], queues, told["nodes"], len(found) > filters.limit)


def find(administrator: Administrator | None, number: str) -> Message:
    """Return a message that an administrator sees.

    Raises:
        QueueError: it was not found, and not every queue could be read.
        DirectoryError: it is not there.
    """
    seen = listing(administrator, Filters(ids=(number,), limit=1))
    if seen.messages:
        return seen.messages[0]
    if not seen.is_whole:
        raise QueueError(" ".join(seen.troubles))
    raise DirectoryError(
        _("there is no message {number} in a queue: it was delivered, returned or deleted").format(number=number)
    )


def headers_of(found: Message) -> list[tuple[str, str]]:
    """Return the headers of a message that `find` has returned, as people read them; never what is in it."""
    told = asked({"do": "headers", "id": found.id, "at": found.at, "of": found.node})
    return readable(str(told["headers"]))


def checked(given: Iterable[str]) -> list[str]:
    """Return ids of messages, each once; raise DirectoryError when one can't be."""
    numbers = list(dict.fromkeys(given))
    if len(numbers) > MOST_IDS:
        raise DirectoryError(_("at most {most} messages at once").format(most=MOST_IDS))
    for number in numbers:
        if not ID.fullmatch(number):
            raise DirectoryError(_("{number!r} is not the id of a message").format(number=number))
    return numbers


def _line(text: str) -> str:
    """Return a text as the service takes it: what can't be seen can't be looked for."""
    return "".join(letter for letter in text.strip() if letter.isprintable())


def _node(name: str) -> str:
    if name and not re.fullmatch(r"[a-z0-9-]{1,63}", name):
        raise DirectoryError(_("{name!r} is not the name of a node").format(name=name))
    return name


def asked(question: Mapping[str, object], within: float = ask.SECONDS) -> dict[str, Any]:
    """Ask relevo-queue-control of this node; raise QueueError when it can't, or won't, within so many seconds."""
    try:
        told = ask.ask(question, QUEUE_SOCKET, within)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or error
        raise QueueError(
            _("the mail queues can't be asked on this node ({reason}): `systemctl status relevo-queue-control`")
            .format(reason=reason)
        ) from None
    if "refused" in told:
        raise QueueError(_("the mail queues say no: {reason}").format(reason=told["refused"]))
    return told
