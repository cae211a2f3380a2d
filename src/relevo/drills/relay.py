"""The classic ways to make a mail server relay for strangers: each must be refused before a message is taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from relevo.drills import dialogue
from relevo.drills.dialogue import Reply
from relevo.drills.mail import SMTP_PORT, SUBMISSION_PORT
from relevo.drills.vocabulary import World
from relevo.drills.waiting import patiently
from relevo.i18n import _


@dataclass(frozen=True)
class Attempt:
    """Sender and recipient as they stand between the angle brackets."""

    title: str
    sender: str
    recipient: str
    port: int = SMTP_PORT


def attempts(domain: str, hostname: str, address: str, stranger: str) -> tuple[Attempt, ...]:
    """Return the ways to try, for a domain, the server's name and address, and a recipient elsewhere."""
    user, elsewhere = stranger.split("@")
    from_outside = f"spammer@{elsewhere}"
    return (
        Attempt(_("plain"), from_outside, stranger),
        Attempt(_("sender of our own domain"), f"postmaster@{domain}", stranger),
        Attempt(_("sender at our host name"), f"root@{hostname}", stranger),
        Attempt(_("sender without domain"), "postmaster", stranger),
        Attempt(_("empty sender"), "", stranger),
        Attempt(_("sender at our address"), f"spammer@[{address}]", stranger),
        Attempt(_("percent hack"), from_outside, f"{user}%{elsewhere}@{domain}"),
        Attempt(_("percent hack at our address"), from_outside, f"{user}%{elsewhere}@[{address}]"),
        Attempt(_("bang path"), from_outside, f"{elsewhere}!{user}"),
        Attempt(_("bang path at our domain"), from_outside, f"{elsewhere}!{user}@{domain}"),
        Attempt(_("quoted address"), from_outside, f'"{stranger}"'),
        Attempt(_("quoted address at our domain"), from_outside, f'"{stranger}"@{domain}'),
        Attempt(_("source route"), from_outside, f"@{domain}:{stranger}"),
        Attempt(_("two at signs"), from_outside, f"{stranger}@{domain}"),
        Attempt(_("two at signs, our address"), from_outside, f"{stranger}@[{address}]"),
        Attempt(_("recipient at an address literal"), from_outside, f"{user}@[192.0.2.1]"),
        Attempt(_("submission without login"), from_outside, stranger, SUBMISSION_PORT),
    )


def check(world: World) -> None:
    """Try them all, each in a session of its own."""
    cluster = world.cluster
    for attempt in attempts(cluster.domain, cluster.hostname, cluster.vip, world.stranger):
        with world.checking(
            _("relay: {title}").format(title=attempt.title),
            tried=f"{attempt.port}: MAIL FROM:<{attempt.sender}> RCPT TO:<{attempt.recipient}>",
            expected="5xx",
        ) as check:
            reply = patiently(partial(_try, world, attempt))
            check.saw(str(reply), good=reply.code >= 500)  # noqa: PLR2004 - for good (RFC 5321)


def _try(world: World, attempt: Attempt) -> Reply:
    with dialogue.smtp(world.cluster.vip, attempt.port, world.mail.name) as talk:
        reply = talk.ask(f"MAIL FROM:<{attempt.sender}>")
        if reply.good:
            reply = talk.ask(f"RCPT TO:<{attempt.recipient}>")
        talk.talk.send("QUIT")
        return reply
