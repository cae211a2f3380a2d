"""What waits in a queue: from the lines of `postqueue -j` to the rows that were asked for. Pure.

A queue may hold a hundred thousand messages, so each line is looked at once and let go; what stays is at most twice as
many rows as are wanted. Rows are in the order of their ids, which with `enable_long_queue_ids` is that of their
arrival, the oldest first (postconf(5)).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeAlias

STATES = ("incoming", "active", "deferred", "hold")
_ALSO = {"maildrop": "incoming"}  # handed in by a program of the node, not yet taken up
_NOBODY = "MAILER-DAEMON"  # how postqueue(1) writes the empty sender, that of bounces
MOST_RECIPIENTS = 20  # told of a message; of the others how many
_LONGEST_ADDRESS, _LONGEST_REASON = 320, 600  # characters

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which messages; what is empty does not matter.

    Attributes:
        states: out of STATES.
        ids: these and no others.
        words: all of them occur in id, addresses or reasons.
        sender: occurs in the sender; `<>` is the empty one.
        recipient: occurs in one of the recipients.
        domains: of the sender, or of one of the recipients; None: all.
        after: only ids that come later.
        limit: so many rows at most.
    """

    states: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    sender: str = ""
    recipient: str = ""
    domains: frozenset[str] | None = None
    after: str = ""
    limit: int = 50


@dataclass
class Selection:
    """What has been found so far."""

    wanted: Wanted
    counts: Counter[str] = field(default_factory=Counter)  # of each state, whatever else was asked for
    matching: int = 0  # also those before `after` and beyond `limit`
    looked_at: int = 0
    _rows: dict[str, Row] = field(default_factory=dict)

    def take(self, line: bytes) -> None:
        """Look at a message; raise ValueError when the line is none."""
        row = _row(line, self.wanted.domains)
        self.looked_at += 1
        if row is None:
            return
        self.counts[row["state"]] += 1
        if not _matches(row, self.wanted):
            return
        self.matching += 1
        if row["id"] > self.wanted.after:
            self._rows[row["id"]] = _short(row)  # one that changes its state meanwhile may come twice
            if len(self._rows) >= 2 * self.wanted.limit:
                self._rows = dict(self._first())

    @property
    def is_satisfied(self) -> bool:
        """Whether those that were asked for by their ids have all been found."""
        return bool(self.wanted.ids) and len(self._rows) >= len(self.wanted.ids)

    def rows(self) -> list[Row]:
        """Return the first rows."""
        return [row for _id, row in self._first()]

    def _first(self) -> list[tuple[str, Row]]:
        return sorted(self._rows.items())[: self.wanted.limit]


def _row(line: bytes, domains: frozenset[str] | None) -> Row | None:
    """Return a message as far as it concerns those domains, None when it does not.

    Whoever looks after the sender sees all recipients, others their own: a stranger's message tells nobody who else
    gets it.
    """
    try:
        told = json.loads(line.decode(errors="replace"))
        sender = "" if told["sender"] == _NOBODY else str(told["sender"])
        recipients = [(str(entry["address"]), str(entry.get("delay_reason", ""))) for entry in told["recipients"]]
        state, size, arrived = str(told["queue_name"]), int(told["message_size"]), int(told["arrival_time"])
        number = str(told["queue_id"])
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message: {error}") from None
    own = recipients if domains is None or _domain(sender) in domains else [
        entry for entry in recipients if _domain(entry[0]) in domains
    ]
    if domains is not None and not own and _domain(sender) not in domains:
        return None
    return {
        "id": number, "state": _ALSO.get(state, state), "arrived": arrived, "size": size, "sender": sender,
        "recipients": own, "elsewhere": len(recipients) - len(own),
    }


def _matches(row: Row, wanted: Wanted) -> bool:
    if (wanted.states and row["state"] not in wanted.states) or (wanted.ids and row["id"] not in wanted.ids):
        return False
    sender = row["sender"].lower()
    if wanted.sender and (sender if wanted.sender == "<>" else wanted.sender not in sender):
        return False
    if wanted.recipient and not any(wanted.recipient in address.lower() for address, _reason in row["recipients"]):
        return False
    if not wanted.words:
        return True
    text = " ".join([row["id"], sender, *(part for entry in row["recipients"] for part in entry)]).lower()
    return all(word in text for word in wanted.words)


def _short(row: Row) -> Row:
    shown = [
        {"address": _printable(address[:_LONGEST_ADDRESS]), "reason": _printable(reason[:_LONGEST_REASON])}
        for address, reason in row["recipients"][:MOST_RECIPIENTS]
    ]
    more = len(row["recipients"]) - len(shown)
    sender = _printable(row["sender"][:_LONGEST_ADDRESS])
    return {**row, "sender": sender, "recipients": shown, "more": more}


def _printable(text: str) -> str:
    """Return a text without what would steer a terminal: strangers have written it."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in text)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower() if "@" in address else ""
