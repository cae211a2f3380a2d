"""What the other programs of Postfix say of a message in their queue, from pickup(8) to qmgr(8)'s "removed". Pure.

    handed      told: uid, sender: by a program of the node
    message-id  told: id
    queued      told: sender, size, count: in the queue, or taken up again
    delivery    told: recipient, original, relay, delay, dsn, status, answer; link: where it goes on inside the platform
    expired     told: sender
    notice      told: what (`non-delivery`, `delay`, ...); link: the message that says so
    removed, held, released, deleted
    rejected    told: answer: by cleanup(8), of a message that was being taken

All have the queue id as their key.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from relevo.trace.lines import Event, session_key
from relevo.trace.smtp import ID

_OF_ONE = re.compile(rf"(?P<key>{ID}): (?P<rest>.*)", re.DOTALL)
_HANDED = re.compile(r"uid=(?P<uid>\d+) from=<(?P<sender>[^>]*)>")
_MESSAGE_ID = re.compile(r"(?:resent-)?message-id=(?P<id>.*)")
_QUEUED = re.compile(r"from=<(?P<sender>[^>]*)>, size=(?P<size>\d+), nrcpt=(?P<count>\d+) ")
_EXPIRED = re.compile(r"from=<(?P<sender>[^>]*)>, status=(?:force-)?expired, returned to sender")
_DELIVERY = re.compile(
    r"to=<(?P<recipient>[^>]*)>, (?:orig_to=<(?P<original>[^>]*)>, )?relay=(?P<relay>[^,]*), "
    r"(?:conn_use=\d+, )?delay=(?P<delay>[0-9.]+), delays=[^,]*, dsn=(?P<dsn>[0-9.]+), status=(?P<status>[\w-]+) "
    r"\((?P<answer>.*)\)", re.DOTALL,
)
_NOTICE = re.compile(rf"(?P<whose>sender|postmaster) (?P<what>[\w -]+?) notification: (?P<key>{ID})$")
_BEHIND = re.compile(rf"(?:queued|forwarded) as (?P<key>{ID})\)?$")
_SAVED = re.compile(r"250 \S+ <[^>]*> (?P<session>[A-Za-z0-9+/:]+) Saved$")
_REJECT = re.compile(r"(?:milter-)?reject: (?P<rest>.*)", re.DOTALL)
_BY_HAND = {"removed": "deleted", "placed on hold": "held", "released from hold": "released"}


def parse(service: str, text: str) -> Event | None:
    """Return what a line of one of Postfix's services says."""
    if not (found := _OF_ONE.match(text)):
        return None
    if service in {"smtp", "lmtp", "local", "virtual", "error", "discard", "relay", "pipe"}:
        return _delivery(found["key"], found["rest"])
    read = _READERS.get(service)
    return read(found["key"], found["rest"]) if read else None


def _delivery(key: str, rest: str) -> Event | None:
    if not (found := _DELIVERY.match(rest)):
        return None
    told = {name: value or "" for name, value in found.groupdict().items()}
    return Event("delivery", key, _goes_on(told["relay"], told["answer"]), told)


def _goes_on(relay: str, answer: str) -> str:
    """Return the key under which a delivery goes on: at the filter, for other addresses, or at Dovecot.

    Another server's answer may say that it "queued as" something; that is its own matter.
    """
    if relay.startswith("127.0.0.1[") or relay == "local":
        return found["key"] if (found := _BEHIND.search(answer)) else ""
    return session_key(found["session"]) if (found := _SAVED.match(answer)) else ""


def _handed(key: str, rest: str) -> Event | None:
    return Event("handed", key, told=found.groupdict()) if (found := _HANDED.match(rest)) else None


def _cleaned(key: str, rest: str) -> Event | None:
    if found := _MESSAGE_ID.match(rest):
        return Event("message-id", key, told={"id": found["id"].strip().strip("<>")})
    return Event("rejected", key, told={"answer": found["rest"]}) if (found := _REJECT.match(rest)) else None


def _managed(key: str, rest: str) -> Event | None:
    if rest == "removed":
        return Event("removed", key)
    if found := _QUEUED.match(rest):
        return Event("queued", key, told=found.groupdict())
    return Event("expired", key, told=found.groupdict()) if (found := _EXPIRED.match(rest)) else None


def _bounced(key: str, rest: str) -> Event | None:
    found = _NOTICE.match(rest)
    return Event("notice", key, found["key"], {"what": found["what"], "whose": found["whose"]}) if found else None


def _by_hand(key: str, rest: str) -> Event | None:
    return Event(_BY_HAND[rest], key) if rest in _BY_HAND else None


_READERS: dict[str, Callable[[str, str], Event | None]] = {
    "pickup": _handed, "cleanup": _cleaned, "qmgr": _managed, "bounce": _bounced, "postsuper": _by_hand,
}
