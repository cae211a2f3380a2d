"""Passwords travel only over TLS 1.2 or newer, we are nobody's relay, no message can be smuggled inside another.

Given the ports that the whole world may reach,
when a client tries to log in without TLS, offers only TLS 1.0 or 1.1, asks us to relay, or ends its data in a way that
servers disagree about (CVE-2023-51764), then it is refused, or nothing more than one message comes of it.
"""

from __future__ import annotations

from base64 import b64encode

from relevo.drills import dialogue, relay, smuggling, tls_ports
from relevo.drills.drill import Drill
from relevo.drills.mail import SMTP_PORT, SUBMISSION_PORT
from relevo.drills.mailbox import IMAP_PORT, POP3_PORT
from relevo.drills.vocabulary import World
from relevo.i18n import _


def run(world: World) -> None:
    """Try each way in."""
    _imap_without_tls(world)
    _pop3_without_tls(world)
    for port in (SMTP_PORT, SUBMISSION_PORT):
        _smtp_without_tls(world, port)
    tls_ports.check_certificates(world)
    tls_ports.check_old_versions(world)
    relay.check(world)
    smuggling.check(world)


def _imap_without_tls(world: World) -> None:
    account = world.accounts.a
    with world.checking(
        _("IMAP login without TLS"), tried=_("LOGIN with the right password on port {port}").format(port=IMAP_PORT),
        expected=_("LOGINDISABLED is announced, and the login is refused"),
    ) as check, dialogue.lines(world.cluster.vip, IMAP_PORT) as talk:
        talk.expect("* OK")
        talk.send("a CAPABILITY")
        announced = "LOGINDISABLED" in talk.expect("* CAPABILITY")
        talk.expect("a OK")
        talk.send(f'b LOGIN "{account.address}" "{account.password}"')
        answer = talk.line()
        while answer.startswith("*"):
            answer = talk.line()
        text = ("LOGINDISABLED; " if announced else _("LOGINDISABLED is missing; ")) + answer
        check.saw(text, good=announced and answer.startswith(("b NO", "b BAD")))


def _pop3_without_tls(world: World) -> None:
    account = world.accounts.a
    with world.checking(
        _("POP3 login without TLS"),
        tried=_("USER and PASS with the right password on port {port}").format(port=POP3_PORT),
        expected="-ERR",
    ) as check, dialogue.lines(world.cluster.vip, POP3_PORT) as talk:
        talk.expect("+OK")
        talk.send(f"USER {account.address}")
        answer = talk.line()
        if answer.startswith("+OK"):
            talk.send(f"PASS {account.password}")
            answer = talk.line()
        check.saw(answer, good=answer.startswith("-ERR"))


def _smtp_without_tls(world: World, port: int) -> None:
    account = world.accounts.a
    secret = b64encode(f"\0{account.address}\0{account.password}".encode()).decode()
    with world.checking(
        _("SMTP login without TLS, port {port}").format(port=port),
        tried=_("AUTH PLAIN with the right password before STARTTLS"),
        expected=_("AUTH is not announced, and is refused"),
    ) as check, dialogue.smtp(world.cluster.vip, port, world.mail.name) as talk:
        announced = any(line.startswith("AUTH") for line in talk.ask(f"EHLO {world.mail.name}").lines)
        reply = talk.ask(f"AUTH PLAIN {secret}")
        text = str(reply) + (_("; AUTH was announced") if announced else "")
        check.saw(text, good=reply.refused and not announced)


DRILL = Drill(
    "transport", _("Transport"),
    _("No login without TLS, no TLS below 1.2, no open relay, no smuggled messages."), run,
)
