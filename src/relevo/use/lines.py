"""From a line of the journal to what it says of a mailbox's use. Pure; a line that says nothing gives None.

Written after real lines of Dovecot 2.3 and 2.4 and of Postfix 3.7 and 3.10: tests/unit/use/data. Dovecot's line of a
login is in the order that its configuration says (services/dovecot). What a program calls itself is its own invention,
so patterns begin at a line's beginning, or end at its end.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple

from relevo.trace import smtp
from relevo.trace.lines import Line

IMAP, POP3, SMTP, WEBMAIL = "imap", "pop3", "smtp", "webmail"
PROGRAM_LENGTH = 60
_ADDRESS_LENGTH = 254
_LOGIN = re.compile(
    r"(?P<protocol>imap|pop3)-login: (?:Info: )?(?:Logged in|Login): user=<(?P<user>[^<>\s]+@[^<>\s]+)>, "
    r"(?:method=[^,]*, )?rip=(?P<rip>[0-9A-Fa-f.:]+), (?:lip=(?P<lip>[0-9A-Fa-f.:]+), )?(?P<rest>.*)", re.DOTALL,
)
_APP = re.compile(r"(?:^|, )app=(?P<app>\d{1,18})(?:,|$)")
_SESSION = re.compile(r"session=<(?P<session>[^<>\s]+)>$")
_NAMED_LATER = re.compile(
    r"imap\([^)\s]+\)<\d+><(?P<session>[^<>\s]+)>: (?:Debug: )?ID sent: (?P<fields>.*)", re.DOTALL
)
_NAMED_BEFORE = re.compile(r"imap-login: (?:Debug: )?(?:Pre-login )?ID sent: (?P<fields>.*)", re.DOTALL)
_FIELD = re.compile(r"(?:^|, )(?P<name>name|version)=(?P<value>[^,]*)")
_DELIVERED = re.compile(
    r"lmtp\((?P<user>[^)\s]+@[^)\s]+)\)<\d+><[^<>\s]+>: (?:Info: )?(?:sieve: )?msgid=.*(?:stored|saved) mail", re.DOTALL
)
_ENDED = re.compile(r"(?:imap|pop3)\((?P<user>[^)\s]+@[^)\s]+)\)<\d+><[^<>\s]+>: (?:Info: )?(?P<rest>.*)", re.DOTALL)
# Counts of what makes a mailbox larger or smaller, at the end of a session.
_CHANGE = re.compile(r" (?:expunged|appended|autoexpunged)=[1-9]|, del=[1-9]")


class Login(NamedTuple):
    """Somebody has logged in; `app` is the number of an app password, 0 for the mailbox's own, None: not told."""

    at: int  # microseconds since 1970
    address: str
    protocol: str
    client: str  # empty for the webmail, which comes from this machine
    app: int | None
    session: str  # empty where no name comes later


class Named(NamedTuple):
    """The program of a session has said what it is."""

    session: str
    program: str


class Changed(NamedTuple):
    """There is more or less in a mailbox."""

    address: str


Event = Login | Named | Changed


def parse(line: Line) -> Event | None:
    """Return what a line says."""
    if line.program == "dovecot":
        return _dovecot(line)
    if line.program.endswith("/smtpd") and line.program.startswith(("postfix/submission", "postfix/smtps")):
        return _sent(line)
    return None


def _dovecot(line: Line) -> Event | None:
    text = line.text
    if found := _LOGIN.match(text):
        return _login(line.at, found)
    if (found := _NAMED_LATER.match(text)) or (found := _NAMED_BEFORE.match(text)):
        return _named(found, text)
    if found := _DELIVERED.match(text):
        return Changed(found["user"].lower())
    if (found := _ENDED.match(text)) and _CHANGE.search(found["rest"]):
        return Changed(found["user"].lower())
    return None


def _login(at: int, found: re.Match[str]) -> Login:
    session, app = _SESSION.search(found["rest"]), _APP.search(found["rest"])
    local = _is_local(found["lip"] or "") and _is_local(found["rip"])
    protocol = WEBMAIL if local and found["protocol"] == IMAP else found["protocol"]
    return Login(
        at, found["user"].lower()[:_ADDRESS_LENGTH], protocol, "" if local else found["rip"],
        int(app["app"]) if app else 0, session["session"] if session and protocol == IMAP else "",
    )


def _named(found: re.Match[str], text: str) -> Named | None:
    before = "session" not in found.re.groupindex
    session = _SESSION.search(text) if before else found
    fields = found["fields"].rpartition(": user=<")[0] if before else found["fields"]
    told = {field["name"]: field["value"].strip() for field in _FIELD.finditer(fields)}
    program = " ".join(part for part in (told.get("name", ""), told.get("version", "")) if part)
    shown = "".join(letter for letter in program if letter.isprintable())[:PROGRAM_LENGTH].strip()
    return Named(session["session"], shown) if session and shown else None


def _sent(line: Line) -> Login | None:
    event = smtp.parse("smtpd", line.text)
    if not event or event.kind != "client" or "@" not in event.told["user"] or _is_local(event.told["client"]):
        return None
    return Login(line.at, event.told["user"].lower()[:_ADDRESS_LENGTH], SMTP, event.told["client"], None, "")


def _is_local(client: str) -> bool:
    try:
        return ip_address(client).is_loopback
    except ValueError:
        return False
