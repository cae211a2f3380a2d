"""Why a message was refused at our door, in plain words: what happened and what to do.

As with deferrals (`relevo.directory.queue.reasons`) the server's own words stand beside it. The first pattern that fits
counts. Pure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from relevo.directory.queue.reasons import Explanation
from relevo.i18n import _, gettext_noop


class _Refusal(NamedTuple):
    kind: str
    pattern: str
    what: str
    advice: str


_REFUSALS = (
    _Refusal(
        "no-such-address", r"User unknown|unknown in (?:virtual|local|relay)",
        gettext_noop("There is no mailbox, alias or list with that address here."),
        gettext_noop("Look for a typing mistake; the sender has been told by their own server."),
    ),
    _Refusal(
        "not-ours", r"Relay access denied",
        gettext_noop("The recipient's domain is not ours, and the client had not logged in."),
        gettext_noop("A mail program must log in, on port 465 or 587. If the domain should be ours: "
                     "`relevo domain add`."),
    ),
    _Refusal(
        "not-owned", r"not owned by user",
        gettext_noop("Whoever had logged in may not send as this address."),
        gettext_noop("Send as the address that one logs in with, or as an alias that leads to that mailbox alone."),
    ),
    _Refusal(
        "own-sender", r"Log in (?:to send as|on port)",
        gettext_noop("A stranger gave an address of ours as the sender."),
        gettext_noop("As a rule it is forged. A device or program of yours must log in, on port 465 or 587."),
    ),
    _Refusal(
        "from-header", r"From header must be the address",
        gettext_noop("The From header named another address than the one that it was sent as."),
        gettext_noop("Correct the sender's address in the mail program."),
    ),
    _Refusal(
        "forged", r"not authenticated \(DMARC\)",
        gettext_noop("The From header is forged: its domain says that such mail is to be refused (DMARC)."),
        gettext_noop("If the sender is real, their administrator must put SPF or DKIM right."),
    ),
    _Refusal(
        "virus", r"INFECTED",
        gettext_noop("There was a virus in it."),
        gettext_noop("Nothing was delivered. If one of ours has sent it, look at their computer."),
    ),
    _Refusal(
        "attachment", r"BANNED",
        gettext_noop("It had an attachment of a kind that is refused, since Windows would start it."),
        gettext_noop("The sender can offer the file for download instead."),
    ),
    _Refusal(
        "spam", r"Reject, id=\S+ - spam",
        gettext_noop("It was spam beyond doubt."),
        gettext_noop("If it was not: the score stands at the filter's step; `spam_reject_score` under [filter] is "
                     "the limit."),
    ),
    _Refusal(
        "list", r"may write to this list",
        gettext_noop("The sender may not write to this distribution list."),
        gettext_noop("Who may is set at the list: `relevo list show`."),
    ),
    _Refusal(
        "mailbox-full", r"Mailbox is full|4\.2\.2",
        gettext_noop("The mailbox is full, and the sender's server tries again."),
        gettext_noop("The recipient must make room, or be given a larger quota: `relevo mailbox set`."),
    ),
    _Refusal(
        "too-large", r"size exceeds|Message is larger|5\.2\.3|5\.3\.4",
        gettext_noop("It was larger than what is taken."),
        gettext_noop("`message_size_mb` under [mail] is the limit."),
    ),
    _Refusal(
        "filter-down", r"queue file write error",
        gettext_noop("The virus and spam filter did not answer, so the sender's server tries again."),
        gettext_noop("If it stays so: `relevo status`."),
    ),
    _Refusal(
        "too-many", r"too many|rate limit|4\.7\.0",
        gettext_noop("The client sent more than one may in a minute."),
        gettext_noop("It is told to try again. `client_messages_per_minute` under [mail] is the limit."),
    ),
    _Refusal(
        "not-logged-in", r"Client host rejected|Access denied|Must issue a STARTTLS",
        gettext_noop("On this port one must log in first, with TLS."),
        gettext_noop("See the settings of the mail program: name and password for sending, TLS on."),
    ),
    _Refusal(
        "manners", r"Protocol error|Helo command rejected|Improper use|pipelining|need fully-qualified|5\.5\.",
        gettext_noop("The client does not keep to the rules of mail, as programs that send spam do."),
        gettext_noop("If it is a device of yours, its name must be one that SMTP allows; or let it log in on port "
                     "587."),
    ),
    _Refusal(
        "not-now", r"^4\d\d",
        gettext_noop("It was put off: the sender's server tries again."),
        gettext_noop("The server's own words say why."),
    ),
)
_KNOWN = tuple((re.compile(one.pattern, re.IGNORECASE), one) for one in _REFUSALS)


def explain(words: str) -> Explanation:
    """Return what an answer of ours means, in the language of who reads it; all empty where we have no words."""
    for pattern, one in _KNOWN:
        if pattern.search(words):
            return Explanation(one.kind, _(one.what), _(one.advice))
    return Explanation("", "", "")
