"""What waits in the mail queues, as relevo-queue-control tells it; a message is no row of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from relevo.i18n import _
from relevo.queue.listing import STATES


class Recipient(NamedTuple):
    """Who has not got a message yet, and why, in the words of Postfix or the other server; empty when not tried."""

    address: str
    reason: str


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        id: Postfix's, unique in the cluster.
        node: whose queue it is in.
        at: the node that works on that queue; another one when it is adopted.
        state: out of STATES.
        arrived: when it was taken.
        size: bytes, without the envelope.
        sender: empty for bounces.
        recipients: those that still wait, the first of them.
        more: so many others are not told.
        elsewhere: so many others are in domains that whoever asks does not look after.
    """

    id: str
    node: str
    at: str
    state: str
    arrived: datetime
    size: int
    sender: str
    recipients: tuple[Recipient, ...]
    more: int
    elsewhere: int

    def __str__(self) -> str:
        return self.id

    @property
    def adopted_by(self) -> str:
        """The node that works on it in place of its own, empty when its own does."""
        return "" if self.at == self.node else self.at


@dataclass(frozen=True)
class Queue:
    """A queue as it was found: how many messages by state, how many fit what was asked, or why it can't be said."""

    node: str
    at: str
    counts: dict[str, int]
    matching: int
    error: str
    silent: bool
    cut: bool  # it is too long to be looked at whole in the time that there is

    def trouble(self, others: Sequence[Queue]) -> str:
        """Return in a sentence what is wrong; empty when nothing is."""
        if self.silent:
            adopter = next((other.at for other in others if other.node == self.node != other.at), "")
            if adopter:
                return _("{node} doesn't answer; {other} has adopted its queue and delivers it.").format(
                    node=self.node, other=adopter
                )
            return _("{node} doesn't answer, so what waits there is not shown: see `relevo status`.").format(
                node=self.node
            )
        if self.error:
            return _("The queue of {node} can't be read on {at} ({reason}): see `relevo status`.").format(
                node=self.node, at=self.at, reason=self.error
            )
        if self.cut:
            text = _("The queue of {node} is too long to be looked at whole: list and figures are of a part of it.")
            return text.format(node=self.node)
        return ""


def message(told: dict[str, Any]) -> Message:
    """Return a message out of the service's row."""
    return Message(
        id=told["id"], node=told["of"], at=told["at"], state=told["state"], size=told["size"], sender=told["sender"],
        arrived=datetime.fromtimestamp(told["arrived"], UTC), more=told["more"], elsewhere=told["elsewhere"],
        recipients=tuple(Recipient(entry["address"], entry["reason"]) for entry in told["recipients"]),
    )


def queue(told: dict[str, Any]) -> Queue:
    """Return a queue out of the service's words."""
    return Queue(
        node=told["of"], at=told["at"], counts={state: int(told["counts"].get(state, 0)) for state in STATES},
        matching=told["matching"], error=told["error"], silent=told["silent"],
        cut=told["cut"],
    )


def silent_queue(node: str) -> dict[str, Any]:
    """Return what the service says of a node that does not answer."""
    return {"of": node, "at": node, "counts": {}, "matching": 0, "error": "", "silent": True, "cut": False}
