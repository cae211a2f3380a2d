"""A mail program that knows an address and a password finds all the rest by itself.

Given the domain of an address, and no host name,
when a program asks as Thunderbird does, with TLS and without, and another one as Outlook does,
then the servers that they are told take the password, and mail that is sent there arrives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection

from relevo.cluster.pki import covers, names_of
from relevo.drills import names
from relevo.drills.drill import Drill
from relevo.drills.letters import letter
from relevo.drills.mailbox import logs_in
from relevo.drills.trust import careful
from relevo.drills.vocabulary import World
from relevo.errors import DrillError
from relevo.i18n import _

_AUTOCONFIG, _AUTODISCOVER = "/mail/config-v1.1.xml", "/Autodiscover/Autodiscover.xml"
_SECONDS = 10.0
MOZILLA = re.compile(
    r'<(?:incoming|outgoing)Server type="(?P<kind>\w+)">\s*<hostname>(?P<host>[^<]+)</hostname>'
    r"\s*<port>(?P<port>\d+)</port>\s*<socketType>SSL</socketType>\s*<authentication>password-cleartext</authentication>"
    r"\s*<username>(?P<user>[^<]+)<"
)
MICROSOFT = re.compile(
    r"<Type>(?P<kind>\w+)</Type>\s*<Server>(?P<host>[^<]+)</Server>\s*<Port>(?P<port>\d+)</Port>"
    r"\s*<LoginName>(?P<user>[^<]+)</LoginName>(?=(?:(?!</Protocol>)[\s\S])*<SSL>on</SSL>)"
)


@dataclass(frozen=True)
class Page:
    """What a web server answered."""

    status: int
    location: str
    text: str


def run(world: World) -> None:
    """Be each kind of program."""
    if covers(names_of(world.secrets.reveal("tls_certificate")), _autoconfig(world)):
        _set_up(world, _("as Thunderbird does"), partial(_thunderbird, encrypted=True), MOZILLA)
    else:
        reason = _("the certificate does not have the name {name}: programs go on without TLS, as below")
        world.recorder.not_run(_("as Thunderbird does"), reason.format(name=_autoconfig(world)))
    _set_up(world, _("as Thunderbird does, without TLS"), partial(_thunderbird, encrypted=False), MOZILLA)
    _set_up(world, _("as Outlook does"), _outlook, MICROSOFT)


def _set_up(world: World, title: str, ask: Callable[[World], str], pattern: re.Pattern[str]) -> None:
    user = world.accounts.a
    with world.checking(
        title, tried=_("ask the domain of {user} for its servers; log in, send, read").format(user=user.address),
        expected=_("the message in the mailbox"),
    ) as check:
        told = {each["kind"].lower(): each for each in pattern.finditer(ask(world))}
        imap, smtp = told["imap"], told["smtp"]
        made = letter(user.address, user.address, "set up", "¿Llega?\n")
        world.mail.submit(made.raw, user, [user.address], port=int(smtp["port"]))
        box = world.mailbox(user)
        box.read(made.token, port=int(imap["port"]))
        right = all(each["host"] == world.cluster.hostname and each["user"] == user.address for each in (imap, smtp))
        check.saw(f"{imap['user']}, {imap['host']}:{imap['port']}, {smtp['host']}:{smtp['port']}",
                  good=right and logs_in(box))


def _thunderbird(world: World, *, encrypted: bool) -> str:
    """Ask where Thunderbird asks first, or next, and put the address in place as it does."""
    page = _ask(world, _autoconfig(world), "GET", _AUTOCONFIG, encrypted=encrypted)
    if page.status != HTTPStatus.OK:
        raise DrillError(f"{page.status}: {page.text[:80]}")
    return page.text.replace("%EMAILADDRESS%", world.accounts.a.address)


def _autoconfig(world: World) -> str:
    return f"autoconfig.{world.cluster.domain}"


def _outlook(world: World) -> str:
    """Ask without TLS, which leads to a name that the certificate has in any case; then post there."""
    page = _ask(world, f"autodiscover.{world.cluster.domain}", "GET", _AUTODISCOVER, encrypted=False)
    there = re.fullmatch(r"https://([^/]+)(/.+)", page.location)
    if page.status != HTTPStatus.FOUND or not there:
        raise DrillError(f"{page.status}: {page.location}")
    question = f"<Request><EMailAddress>{world.accounts.a.address}</EMailAddress></Request>"
    return _ask(world, there[1], "POST", there[2], question).text


def _ask(
    world: World, host: str, method: str, path: str, body: str | None = None, *, encrypted: bool = True
) -> Page:
    """Ask where the platform's own DNS leads for that name; with TLS the certificate must be good for it."""
    address = names.address(world.active.address, host)
    if encrypted:
        context = careful(world.cluster, world.secrets)
        context.name = host
        connection: HTTPConnection = HTTPSConnection(address, timeout=_SECONDS, context=context)
    else:
        connection = HTTPConnection(address, timeout=_SECONDS)
    try:
        connection.request(method, path, body, {"Host": host, "Content-Type": "text/xml"})
        answer = connection.getresponse()
        return Page(answer.status, answer.headers.get("Location", ""), answer.read().decode())
    finally:
        connection.close()


DRILL = Drill(
    "setting-up", _("Programs find the servers by the address"),
    _("A mail program that knows an address and a password finds all the rest by itself."), run,
)
