"""The way of a message, as relevo-queue-control tells it; a trace is no row of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from relevo.i18n import _

_MICRO = 1_000_000


@dataclass(frozen=True)
class Step:
    """What happened; `kind` and the names in `told` are those of `relevo.trace.steps`.

    `count` attempts ended alike, the last of them at `until`. `is_notice`: it happened to the message that told the
    sender of this one's fate.
    """

    at: datetime
    until: datetime
    node: str
    kind: str
    told: Mapping[str, str]
    lines: tuple[str, ...]
    count: int
    is_notice: bool


@dataclass(frozen=True)
class Recipient:
    """What became of it for one address, in plain (`result`) and in the server's words (`reason`).

    `original` is the alias or list by which it got there; `result` is empty when nobody has said.
    """

    address: str
    original: str
    result: str
    reason: str


@dataclass(frozen=True)
class Trace:
    """One message's way.

    Attributes:
        id: its queue id, or one of ours for what never got into a queue.
        began: when the first line of it was written.
        last: when the last one was.
        sender: empty for a bounce, None when no line is left that says it.
        message_id: without its angle brackets.
        client: the address that it came from, empty for programs of the node.
        user: who had logged in to send it.
        size: bytes, 0 when it never got into a queue.
        results: out of `relevo.trace.letters.RESULTS`.
        nodes: those whose journals have something of it.
        recipients: those that whoever asks may see.
        elsewhere: so many others there are.
        steps: all that happened, in the order of time; empty in lists.
    """

    id: str
    began: datetime
    last: datetime
    sender: str | None
    message_id: str
    client: str
    user: str
    size: int
    results: tuple[str, ...]
    nodes: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    elsewhere: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Node:
    """How far a mail node could be asked."""

    name: str
    silent: bool
    error: str
    cut: bool
    behind: int
    since: datetime | None

    @property
    def trouble(self) -> str:
        """What is not known, in a sentence; empty when all is."""
        if self.silent:
            text = _("{node} doesn't answer ({reason}), so what it alone has seen is missing: see `relevo status`.")
            return text.format(node=self.name, reason=self.error)
        if self.cut:
            return _("{node} has searched a part of its index only: give a shorter time, or an address.").format(
                node=self.name
            )
        if self.behind:
            return _("{node} is still reading its journal; the last {minutes} min are missing.").format(
                node=self.name, minutes=self.behind // 60 + 1
            )
        return ""


def trace(told: Mapping[str, Any]) -> Trace:
    """Return a trace out of the service's words."""
    return Trace(
        id=told["id"], began=moment(told["at"]), last=moment(told["last"]), sender=told["sender"],
        message_id=told["message_id"], client=told["client"], user=told["user"], size=told["size"],
        results=tuple(told["results"]), nodes=tuple(told["nodes"]), elsewhere=told["elsewhere"],
        recipients=tuple(Recipient(**one) for one in told["recipients"]),
        steps=tuple(_step(one) for one in told["steps"]),
    )


def node(told: Mapping[str, Any]) -> Node:
    """Return a node out of the service's words."""
    return Node(
        told["node"], told["silent"], told["error"], bool(told["cut"]), told["behind"],
        moment(told["since"]) if told["since"] else None,
    )


def moment(at: int) -> datetime:
    """Return a moment out of microseconds since 1970."""
    return datetime.fromtimestamp(at // _MICRO, UTC).replace(microsecond=at % _MICRO)


def _step(told: Mapping[str, Any]) -> Step:
    at = moment(told["at"])
    return Step(
        at, moment(told["until"]) if told["until"] else at, told["node"], told["kind"], told["told"],
        tuple(told["lines"]), told["count"], told["is_notice"],
    )
