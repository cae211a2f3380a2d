"""What smtpd(8) and postscreen(8) say: who comes, how, and what they are answered. Pure.

    tls       told: version
    client    told: client, name, user: who begins to hand over a message; with a key after the filter only
    accepted  key: the queue id after the filter; told: sender, recipient, helo, user
    rejected  told: at, answer, client, sender, recipient, helo, user; link: the filter's number, when it was the filter
    connect, disconnect

What is said before there is a queue id has no key: `relevo.trace.connections` finds it.
"""

from __future__ import annotations

import re

from relevo.trace.lines import Event, filter_key

SERVICES = frozenset({"smtpd", "postscreen"})
ID = r"[0-9A-Za-z]{6,32}"
_HOST = r"(?P<name>[^\[\s]*)\[(?P<client>[0-9A-Fa-f.:]+)\]"
_CONNECT = re.compile(r"(?P<kind>connect|disconnect) from ")
_TLS = re.compile(r"(?:Anonymous|\w+) TLS connection established from \S+: (?P<version>\S+) with ")
_CLIENT = re.compile(
    rf"(?P<key>NOQUEUE|{ID}): client={_HOST}(?:, sasl_method=(?P<method>[^,]*))?(?:, sasl_username=(?P<user>[^,]*))?"
)
_BEFORE = re.compile(r", orig_client=(?P<name>[^\[\s]*)\[(?P<client>[0-9A-Fa-f.:]+)\]")
_PROXY = re.compile(
    r"(?:NOQUEUE: )?proxy-(?P<kind>accept|reject): (?P<at>[A-Z-]+): (?P<answer>.*?); (?P<rest>(?:from|proto)=.*)"
)
_QUEUED = re.compile(rf"queued as (?P<key>{ID})$")
_FILTERED = re.compile(r"\bid=(?P<number>\d+-\d+(?:-\d+)?)\b")
_REJECT = re.compile(
    rf"(?:NOQUEUE|{ID}): reject(?:_warning)?: (?P<at>[A-Z-]+)(?: command)? from {_HOST}(?::\d+)?: (?P<answer>.*?); "
    r"(?P<rest>(?:from|proto|to)=.*)"
)
_PARTS = {
    "sender": re.compile(r"(?:^|[ ,])from=<(?P<value>[^>]*)>"), "recipient": re.compile(r"[ ,]to=<(?P<value>[^>]*)>"),
    "helo": re.compile(r"helo=<(?P<value>[^>]*)>"), "user": re.compile(r"sasl_username=<?(?P<value>[^>\s,]*)"),
}


def parse(service: str, text: str) -> Event | None:
    """Return what a line says."""
    if service == "smtpd":
        if found := _CONNECT.match(text):
            return Event(found["kind"])
        if found := _TLS.match(text):
            return Event("tls", told={"version": found["version"]})
        if found := _CLIENT.match(text):
            return _client(text, found)
        if found := _PROXY.match(text):
            return _proxied(found)
    if (found := _REJECT.match(text)) and not text.partition(": ")[2].startswith("reject_warning"):
        return Event("rejected", told={
            "at": found["at"], "answer": found["answer"], "client": found["client"], "name": found["name"],
            **_parts(found["rest"]),
        })
    return None


def _client(text: str, found: re.Match[str]) -> Event:
    before = _BEFORE.search(text, found.end())
    told = {"client": (before or found)["client"], "name": (before or found)["name"], "user": found["user"] or ""}
    return Event("client", "" if found["key"] == "NOQUEUE" else found["key"], told=told)


def _proxied(found: re.Match[str]) -> Event:
    told = {"at": found["at"], "answer": found["answer"], **_parts(found["rest"])}
    queued = _QUEUED.search(found["answer"]) if found["kind"] == "accept" else None
    if queued:
        return Event("accepted", queued["key"], told=told)
    number = _FILTERED.search(found["answer"])
    return Event("rejected", link=filter_key(number["number"]) if number else "", told=told)


def _parts(text: str) -> dict[str, str]:
    return {name: found["value"] for name, pattern in _PARTS.items() if (found := pattern.search(text))}
