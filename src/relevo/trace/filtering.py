"""What Amavis says of a message that it has looked at, and Dovecot of one that it has taken by LMTP. Pure.

    filtered  key: the queue id after the filter, or its own number when it let nothing pass; told: verdict (`CLEAN`,
              `SPAMMY`, `INFECTED`, ...), passed (`yes` or empty), names, client, sender, recipients, id, subject (its
              digest), score, ms, signed
    stored, forwarded, answered, discarded, returned
              key: of the delivery; told: user, id, folder, recipient

Dovecot speaks of a delivery by its session, which it also names to Postfix in its answer. What it did not take it names
by nothing that Postfix has; that line says no more than Postfix's own.
"""

from __future__ import annotations

import re

from relevo.trace.lines import Event, filter_key, session_key
from relevo.trace.smtp import ID

_VERDICT = re.compile(
    r"\((?P<number>\d+-\d+(?:-\d+)?)\) (?P<do>Passed|Blocked) (?P<verdict>[A-Z][A-Z0-9_-]*)(?: \((?P<names>.*?)\))?"
    r"(?: \{[^}]*\})?, .*?<(?P<sender>[^>]*)> -> (?P<recipients><[^>]*>(?:,<[^>]*>)*)(?P<rest>.*)", re.DOTALL,
)
_CLIENT = re.compile(r"\[(?P<value>[0-9A-Fa-f.:]+)\]")
_PARTS = {
    "id": re.compile(r", Message-ID: <?(?P<value>[^>,\s]*)"), "score": re.compile(r", Hits: (?P<value>-?[\d.]+)"),
    "subject": re.compile(r", subject: (?P<value>[0-9a-f]{16}), \d+ ms$"),
    "ms": re.compile(r", (?P<value>\d+) ms$"), "signed": re.compile(r", dkim_new=(?P<value>[^,\s]+)"),
}
_BEHIND = re.compile(rf", queued_as: (?P<key>{ID})")

_LMTP = re.compile(r"lmtp\((?P<user>[^)]*)\)<\d+><(?P<session>[^>]+)>: (?P<rest>.*)", re.DOTALL)
_MAIL = re.compile(r"(?:sieve: )?msgid=<?(?P<id>[^>\s]*?)>?: (?:\w+ action: )?(?P<rest>.*)", re.DOTALL)
_ACTIONS = (
    ("stored", re.compile(r"(?:stored mail into mailbox '(?P<folder>.*)'|saved mail to (?P<plain>.*))$")),
    ("forwarded", re.compile(r"forwarded to <(?P<recipient>[^>]*)>")),
    ("answered", re.compile(r"sent vacation response to <(?P<recipient>[^>]*)>")),
    ("returned", re.compile(r"rejected message from <(?P<recipient>[^>]*)>")),
    ("discarded", re.compile(r"(?:Marked message to be discarded|marked message to be discarded|discarded mail)")),
)


def parse_amavis(text: str) -> Event | None:
    """Return what a line of Amavis says."""
    if not (found := _VERDICT.match(text)):
        return None
    rest = found["rest"]
    parts = {name: (part["value"] if (part := pattern.search(rest)) else "") for name, pattern in _PARTS.items()}
    client = _CLIENT.search(text, found.end("verdict"), found.start("sender"))
    told = {
        "verdict": found["verdict"], "passed": "yes" if found["do"] == "Passed" else "", "names": found["names"] or "",
        "sender": found["sender"], "recipients": found["recipients"], "client": client["value"] if client else "",
        "number": found["number"], **parts,
    }
    behind = _BEHIND.search(rest)
    return Event("filtered", behind["key"] if behind else filter_key(found["number"]), told=told)


def parse_dovecot(text: str) -> Event | None:
    """Return what a line of Dovecot says of a delivery."""
    if not (found := _LMTP.match(text)) or not (mail := _MAIL.match(found["rest"])):
        return None
    for kind, pattern in _ACTIONS:
        if action := pattern.match(mail["rest"]):
            parts = {name: value or "" for name, value in action.groupdict().items()}
            parts["folder"] = parts.get("folder") or parts.pop("plain", "")
            parts.pop("plain", None)
            return Event(kind, session_key(found["session"]), told={"user": found["user"], "id": mail["id"], **parts})
    return None


def addresses(recipients: str) -> list[str]:
    """Return the addresses of Amavis's `<a>,<b>`."""
    return [one for one in recipients.strip("<>").split(">,<") if one]
