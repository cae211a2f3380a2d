"""What can be asked: a closed list, each part of it checked before anything is done. Pure.

A question is a line of JSON with `do`:

    list       filters as in `relevo.queue.listing.Wanted`, and `node`
    headers    `id`, `at`, `of`
    retry      `ids`, `at`, `of`, `who`: try them now; those on hold stay there
    hold       the same: keep them until they are released or deleted
    release    the same: let them go on, now
    delete     the same: for good
    retry-all  `who`: try everything now, on both nodes
    flow       nothing more: what has gone through Postfix, hour by hour for a day (`relevo.queue.flow`)
    trace      `trace`: which way messages took, of both nodes; as in `relevo.trace.questions`
    trace-here `trace`: what this node's index is asked, passed on to it as it is

`at` is the node that works on a queue, `of` the one whose it is: another one's when it is adopted. `who` is for the
journal. `here` says that the question comes from the other node, so it is not passed on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from relevo.queue.listing import STATES, Wanted

CHANGES = ("retry", "hold", "release", "delete")
LONGEST = 1 << 18  # bytes of a question: the domains of an administrator are in it
MOST_IDS, MOST_ROWS = 500, 1000
# Postfix's ids, long ones and short ones: nothing that an option or a path could be made of (postconf(5),
# enable_long_queue_ids); its own word ALL is shorter.
ID = re.compile(r"[0-9A-Za-z]{6,32}")
_NODE = re.compile(r"[a-z0-9-]{1,63}")
_LONGEST_TEXT = 400
_DOES = frozenset({"list", "headers", "retry-all", "flow", "trace", "trace-here", *CHANGES})
_FIELDS = frozenset({
    "do", "here", "at", "of", "node", "who", "id", "ids", "states", "words", "sender", "recipient", "domains", "after",
    "limit", "trace",
})


class Refused(Exception):  # noqa: N818 - the event, as whoever asks reads it
    """The question is none of the list, or has a part that can't be."""


@dataclass(frozen=True)
class Question:
    """A question that may be answered."""

    do: str
    wanted: Wanted = field(default_factory=Wanted)
    ids: tuple[str, ...] = ()
    at: str = ""
    of: str = ""
    node: str = ""
    who: str = ""
    trace: dict[str, Any] = field(default_factory=dict)
    here: bool = False
    told: dict[str, Any] = field(default_factory=dict, compare=False)  # as it came

    def passed_on(self) -> bytes:
        """Return the line for the other node."""
        return json.dumps({**self.told, "here": True}).encode() + b"\n"


def parse(line: bytes) -> Question:
    """Return the question of a line; raise Refused when it is none."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused("not a line of JSON") from None
    if not isinstance(told, dict) or told.keys() - _FIELDS:
        raise Refused("a field that nobody knows")
    do = told.get("do")
    if not isinstance(do, str) or do not in _DOES:
        raise Refused("none of what can be done")
    ids = _ids([told["id"]] if "id" in told else told.get("ids", []))
    if do in {"headers", *CHANGES} and (not ids or not told.get("at") or not told.get("of")):
        raise Refused("no message is named")
    places = {name: _place(told.get(name, "")) for name in ("at", "of", "node")}
    return Question(
        do=do, wanted=_wanted(told, ids), ids=ids, who=_text(told, "who"), here=told.get("here") is True, told=told,
        trace=_trace(told.get("trace", {})), **places,
    )


def _wanted(told: dict[str, Any], ids: tuple[str, ...]) -> Wanted:
    limit = told.get("limit", Wanted.limit)
    if type(limit) is not int or not 1 <= limit <= MOST_ROWS:
        raise Refused(f"limit is 1 to {MOST_ROWS}")
    states = frozenset(_texts(told.get("states", [])))
    if states - set(STATES):
        raise Refused("a state that there is not")
    domains = told.get("domains")
    return Wanted(
        states=states, ids=frozenset(ids), words=tuple(word.lower() for word in _texts(told.get("words", []))),
        sender=_text(told, "sender").lower(), recipient=_text(told, "recipient").lower(),
        domains=None if domains is None else frozenset(_texts(domains)), after=_text(told, "after"), limit=limit,
    )


def _ids(given: object) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_texts(given)))
    if len(found) > MOST_IDS:
        raise Refused(f"more than {MOST_IDS} messages at once")
    if not all(ID.fullmatch(one) for one in found):
        raise Refused("not the id of a message")
    return found


def _trace(given: object) -> dict[str, Any]:
    """Return what is asked of traces; what is in it is checked where it is answered."""
    if not isinstance(given, dict):
        raise Refused("a question about traces was expected")
    return given


def _place(given: object) -> str:
    if given == "":
        return ""
    if not isinstance(given, str) or not _NODE.fullmatch(given):
        raise Refused("not the name of a node")
    return given


def _text(told: dict[str, Any], name: str) -> str:
    (text,) = _texts([told.get(name, "")])
    if not text.isprintable():
        raise Refused("a text with control characters")  # `who` gets into the journal
    return text


def _texts(given: object) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) and len(one) <= _LONGEST_TEXT for one in given):
        raise Refused("a text was expected")
    return given
