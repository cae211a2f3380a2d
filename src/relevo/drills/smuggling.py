"""SMTP smuggling (CVE-2023-51764): wrong ends of data must not make a second message out of one."""

from __future__ import annotations

import secrets as random
from functools import partial

from relevo.agent.probe import ProbeFailed
from relevo.drills import dialogue
from relevo.drills.dialogue import Reply
from relevo.drills.letters import letter
from relevo.drills.mail import SMTP_PORT
from relevo.drills.vocabulary import World, eventually
from relevo.drills.waiting import TooFast, patiently
from relevo.errors import DrillError
from relevo.i18n import _

ENDS = (
    ("<LF>.<LF>", b"\n.\n"), ("<LF>.<CR><LF>", b"\n.\r\n"), ("<CR>.<CR><LF>", b"\r.\r\n"), ("<CR>.<CR>", b"\r.\r"),
    ("<CR><LF>.<LF>", b"\r\n.\n"), ("<CR><LF>.<CR>", b"\r\n.\r"), ("<LF>.<CR>", b"\n.\r"), ("<CR>.<LF>", b"\r.\n"),
    ("<CR><LF><NUL>.<CR><LF>", b"\r\n\0.\r\n"),
)
_ARRIVAL_SECONDS = 20.0


def check(world: World) -> None:
    """Try each wrong end, then look for what came of it."""
    for title, end in ENDS:
        with world.checking(
            _("smuggling with {end}").format(end=title),
            tried=_("a second message hidden behind this end of data"),
            expected=_("refused, or one message at most"),
        ) as check:
            replies, outer, inner = patiently(partial(_send, world, end))
            first, second = _arrived(world, replies, outer, inner)
            text = _("{reply}; the message arrived {first} times, the hidden one {second}").format(
                reply=" / ".join(str(reply) for reply in replies) or _("connection closed"), first=first, second=second,
            )
            check.saw(text, good=bool(replies) and first <= 1 and second == 0)


def _send(world: World, end: bytes) -> tuple[list[Reply], str, str]:
    """Return all replies from the end of data on, and the subjects' words of the outer and of the hidden message."""
    sender, to = world.stranger, world.accounts.b.address
    made = letter(sender, to, "outer")
    inner = f"hidden{random.token_hex(8)}"
    hidden = (
        f"MAIL FROM:<{sender}>\r\nRCPT TO:<{to}>\r\nDATA\r\n"
        f"From: {sender}\r\nTo: {to}\r\nSubject: {inner}\r\n\r\nhidden\r\n.\r\n"
    )
    replies: list[Reply] = []
    with dialogue.smtp(world.cluster.vip, SMTP_PORT, world.mail.name) as talk:
        for line in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA"):
            if (reply := talk.ask(line)).refused:
                raise DrillError(_("{line} was refused: {reply}").format(line=line, reply=reply))
        talk.talk.send_bytes(made.raw.rstrip(b"\r\n") + end + hidden.encode())
        try:
            replies.append(talk.reply())
            talk.talk.send("QUIT")
            while (reply := talk.reply()).code != 221:  # noqa: PLR2004 - RFC 5321
                replies.append(reply)
        except (ProbeFailed, OSError, TooFast):
            pass  # the server may end the session with such a client: what it did with the data counts
    return replies, made.token, inner


def _arrived(world: World, replies: list[Reply], outer: str, inner: str) -> tuple[int, int]:
    """Count both messages, once the one that was accepted has had time to arrive."""
    box = world.mailbox(world.accounts.b)
    if any(reply.code == 250 for reply in replies):  # noqa: PLR2004 - RFC 5321
        eventually(lambda: box.with_subject(outer), within=_ARRIVAL_SECONDS, what=_("the message that was accepted"))
    hidden = [message for message in box.with_subject(inner) if outer.encode() not in message]
    return len(box.with_subject(outer)), len(hidden)
