"""What can be asked of traces: each part of it checked before anything is looked for. Pure.

A search is a dictionary with any of

    words        what is looked for as any of these: [[kind, value], ...], `kind` out of KINDS
    sender, recipient   an address, or `@` and a domain
    client       an IP address
    subject      the digest of one (`relevo.trace.subjects`)
    result       out of `relevo.trace.letters.RESULTS`
    since, until microseconds since 1970
    domains      of the sender or of a recipient; None for all
    before       [at, key]: only messages that began earlier, or at the same moment and have a smaller key
    limit        so many at most
    whole        with all that happened to each

and for one node there is `find`, which takes these, and `gather`, which takes `keys` and returns all that it knows of
them. `relevo.trace.answers` asks both nodes and puts together what they say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from relevo.trace.letters import RESULTS

KINDS = ("key", "message_id", "address", "domain", "client")
UNIQUE = frozenset({"key", "message_id"})  # of one way: whose domains it concerns may stand in another part of it
KEY = re.compile(r"[0-9A-Za-z_.-]{5,120}")
MOST_ROWS, MOST_KEYS = 500, 1500  # so many keys fit into a question
_LONGEST_TEXT, _MOST_WORDS, _MOST_DOMAINS = 998, 5, 10_000
_FIELDS = frozenset({
    "words", "sender", "recipient", "client", "subject", "result", "since", "until", "domains", "before", "limit",
    "whole",
})


class Refused(Exception):  # noqa: N818 - the event, as whoever asks reads it
    """What is asked can't be."""


@dataclass(frozen=True)
class Wanted:
    """Which messages; what is empty does not matter."""

    words: tuple[tuple[str, str], ...] = ()
    sender: str = ""
    recipient: str = ""
    client: str = ""
    subject: str = ""
    result: str = ""
    since: int = 0
    until: int = 0
    domains: frozenset[str] | None = None
    before: tuple[int, str] | None = None
    limit: int = 50
    whole: bool = False


def wanted(told: object) -> Wanted:
    """Return what is looked for; raise Refused when that can't be."""
    if not isinstance(told, dict) or told.keys() - _FIELDS:
        raise Refused("a field that nobody knows")
    return Wanted(
        words=_words(told.get("words", [])), sender=_text(told.get("sender", "")).lower(),
        recipient=_text(told.get("recipient", "")).lower(), client=_text(told.get("client", "")).lower(),
        subject=_text(told.get("subject", "")),
        result=_result(told.get("result", "")),
        since=_number(told.get("since", 0)), until=_number(told.get("until", 0)),
        domains=_domains(told.get("domains")), before=_before(told.get("before")),
        limit=_limit(told.get("limit", Wanted.limit)), whole=told.get("whole") is True,
    )


def keys(told: object) -> list[str]:
    """Return keys of messages; raise Refused when one can't be."""
    if not isinstance(told, list) or len(told) > MOST_KEYS:
        raise Refused("too many keys, or none")
    if not all(isinstance(one, str) and KEY.fullmatch(one) for one in told):
        raise Refused("not the key of a message")
    return list(dict.fromkeys(told))


def _words(told: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(told, list) or len(told) > _MOST_WORDS:
        raise Refused("words are a list")
    found = []
    for one in told:
        if not isinstance(one, list) or len(one) != 2 or one[0] not in KINDS:  # noqa: PLR2004 - a kind and a value
            raise Refused("a word is its kind and its value")
        text = _text(one[1])
        found.append((str(one[0]), text if one[0] in {"key", "message_id"} else text.lower()))
    return tuple(found)


def _text(told: object) -> str:
    if not isinstance(told, str) or len(told) > _LONGEST_TEXT or not told.isprintable():
        raise Refused("a text was expected")
    return told


def _result(told: object) -> str:
    if told not in {"", *RESULTS}:
        raise Refused("a result that there is not")
    return str(told)


def _number(told: object) -> int:
    if type(told) is not int or not 0 <= told < 1 << 62:
        raise Refused("a moment was expected")
    return told


def _domains(told: object) -> frozenset[str] | None:
    if told is None:
        return None
    if not isinstance(told, list) or len(told) > _MOST_DOMAINS:
        raise Refused("domains are a list")
    return frozenset(_text(one).lower() for one in told)


def _before(told: object) -> tuple[int, str] | None:
    if told is None:
        return None
    if not isinstance(told, list) or len(told) != 2:  # noqa: PLR2004 - a moment and a key
        raise Refused("before is a moment and a key")
    (key,) = keys([told[1]])
    return _number(told[0]), key


def _limit(told: object) -> int:
    if type(told) is not int or not 1 <= told <= MOST_ROWS:
        raise Refused(f"limit is 1 to {MOST_ROWS}")
    return told
