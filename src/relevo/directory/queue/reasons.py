"""Why a message waits, in plain words: what happened and what to do, for the reasons that Postfix gives most often.

The server's own words stand beside it wherever it is shown: a sentence of ours is a help to read them, never a
replacement. The first pattern that fits counts, so what is ours comes before what is another server's. Pure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from relevo.cluster.wires import AMAVIS_INBOUND_PORT, AMAVIS_ORIGINATING_PORT, LMTP_PORT
from relevo.i18n import _, gettext_noop


class Explanation(NamedTuple):
    """What happened, and what to do; `kind` is for programs. All three are empty when we have no words for it."""

    kind: str
    what: str
    advice: str


class _Reason(NamedTuple):
    kind: str
    pattern: str
    what: str
    advice: str


_REASONS = (
    _Reason(
        "own-delivery", rf"connect to \S+:{LMTP_PORT}: ",
        gettext_noop("The node with the virtual IP takes no deliveries to mailboxes now."),
        gettext_noop("For some seconds after a failover that is right: the storage is being fenced off from the other "
                     "node. If it stays so, `relevo status` says what it waits for."),
    ),
    _Reason(
        "own-filter", rf"connect to 127\.0\.0\.1\[127\.0\.0\.1\]:(?:{AMAVIS_INBOUND_PORT}|{AMAVIS_ORIGINATING_PORT})",
        gettext_noop("This node's virus and spam filter does not answer."),
        gettext_noop("Mail waits until it does, and then goes on by itself. `relevo status`, then "
                     "`journalctl -u amavis` on the node."),
    ),
    _Reason(
        "own-lookup", r"mysql|lookup (?:error|failure)|configuration error|queue file write",
        gettext_noop("This node could not look up what it needs, in the accounts' database as a rule."),
        gettext_noop("It goes on by itself when that answers again. If it stays so: `relevo status`."),
    ),
    _Reason(
        "loops", r"loops back to myself|too many hops",
        gettext_noop("The mail would come back here: the domain's MX record leads to this platform, which lacks it."),
        gettext_noop("Add the domain (`relevo domain add`), or have its MX record changed."),
    ),
    _Reason(
        "dns", r"Host or domain name not found|Name service error|Host not found|Domain not found",
        gettext_noop("The domain's mail server can't be found in DNS."),
        gettext_noop("Look for a typing mistake behind the @. If it is right, the domain's name servers don't answer; "
                     "if it is so for many domains, this node's own DNS: `relevo status`."),
    ),
    _Reason(
        "greylisted", r"gr[ae]y-?list|postgrey|please (?:re)?try (?:again )?in |too (?:early|soon)",
        gettext_noop("The other server takes mail from strangers at the second attempt only (greylisting)."),
        gettext_noop("Nothing is wrong: it is tried again by itself, and goes through within the hour as a rule."),
    ),
    _Reason(
        "mailbox-full", r"[45]\.2\.2|mailbox (?:is )?full|over ?quota|quota (?:is )?exceeded|exceeds .*quota",
        gettext_noop("The recipient's mailbox is full."),
        gettext_noop("The recipient must make room. One of ours can be given a larger quota: `relevo mailbox set`."),
    ),
    _Reason(
        "no-room", r"4\.3\.1|insufficient (?:system )?(?:storage|space|resources)|disk full|no space left",
        gettext_noop("The other server has no room."),
        gettext_noop("Its administrator must make some; it is tried again by itself."),
    ),
    _Reason(
        "tls", r"\bTLS\b|\bSSL\b|certificate|handshake",
        gettext_noop("No secure connection (TLS) could be made with the other server."),
        gettext_noop("Its certificate or its TLS is at fault, or too old for ours: its administrator can tell."),
    ),
    _Reason(
        "distrusted", r"block ?list|blacklist|black ?listed|spamhaus|barracuda|dnsbl|\brbl\b|reputation|5\.7\.1",
        gettext_noop("The other server distrusts our address."),
        gettext_noop("See which list its words name and ask there to be taken off, when you are sure that nobody here "
                     "sends spam; `relevo dns check` shows whether SPF, DKIM and reverse DNS are right."),
    ),
    _Reason(
        "slowed", r"rate.?limit|throttl|too many|4\.7\.28|exceed.*rate|unusual rate|deferred due to",
        gettext_noop("The other server takes no more from us for a while."),
        gettext_noop("It is tried again by itself. If much more is being sent than usual, see who sends it."),
    ),
    _Reason(
        "refused", r"Connection refused",
        gettext_noop("The other server refuses the connection."),
        gettext_noop("Its mail service is down, or its firewall refuses us; it is tried again by itself."),
    ),
    _Reason(
        "unreachable", r"Network is unreachable|No route to host|Host is unreachable",
        gettext_noop("There is no way from this node to the other server's network."),
        gettext_noop("If it is so for many domains, this node's own line or gateway is down."),
    ),
    _Reason(
        "timed-out", r"timed? ?out|lost connection|Connection reset|Broken pipe",
        gettext_noop("The other server does not answer, or stopped in the middle."),
        gettext_noop("It is tried again by itself. If it is so for all domains, the provider may block port 25: ask "
                     "there, or set `relay_host` under [mail]."),
    ),
    _Reason(
        "not-now", r"said: 4\d\d|(?:^|\s)4\d\d[ -]",
        gettext_noop("The other server says: not now."),
        gettext_noop("Its own words say why; it is tried again by itself."),
    ),
)
_KNOWN = tuple((re.compile(reason.pattern, re.IGNORECASE), reason) for reason in _REASONS)
NONE = Explanation("", "", "")


def explain(words: str) -> Explanation:
    """Return what a reason of Postfix means, in the language of who reads it."""
    for pattern, reason in _KNOWN:
        if pattern.search(words):
            return Explanation(reason.kind, _(reason.what), _(reason.advice))
    return NONE
