"""Others can verify our mail, and nobody can send mail to us in our own name.

Given a mail server outside that checks DKIM, SPF and DMARC, and our zone in the DNS,
when one of our users writes to it, then the DKIM signature verifies from the published key and all three pass there;
when a further domain is made, then its mail is signed with its own key as soon as that may sign, and with another one
after it, without a restart of the filter;
when somebody outside sends mail to us with our own domain as the sender, then it is refused.
"""

from __future__ import annotations

import re
from email import message_from_bytes

import dkim  # type: ignore[import-untyped]  # ships no types

from relevo.drills import foreign, names
from relevo.drills.drill import Drill
from relevo.drills.letters import Letter, letter
from relevo.drills.signing import second_domain
from relevo.drills.vocabulary import World
from relevo.i18n import _
from relevo.lab.contract import OUTSIDE_MAILBOX

_ARRIVAL_SECONDS = 60.0


def run(world: World) -> None:
    """Send out, look at what the outside server got and says of it; from a further domain, too; then forge."""
    _outgoing(world)
    second_domain(world)
    ours = world.accounts.b.address
    tried = _("from outside, without a login: MAIL FROM:<{ours}>").format(ours=ours)
    _forged(world, _("forged envelope"), tried, envelope=ours)
    tried = _("from outside: a foreign envelope, but From: {ours}").format(ours=ours)
    _forged(world, _("forged From"), tried, envelope=world.stranger)


def _outgoing(world: World) -> None:
    if not world.platform.in_lab:
        world.recorder.not_run(_("outgoing mail"), _("there is no mail server outside that we may look into"))
        return
    made = letter(world.accounts.a.address, OUTSIDE_MAILBOX, "signed: año", "Señales y firmas, 10 €\n")
    raw = _arrived(world, made)
    if raw:
        _signature(world, raw)
        for method in ("dkim", "spf", "dmarc"):
            _verdict_there(world, raw, method)


def _arrived(world: World, made: Letter) -> bytes:
    raw = b""
    with world.checking(
        _("mail to another server"), tried=_("submit a message to {address}").format(address=OUTSIDE_MAILBOX),
        expected=_("250, and it arrives there"),
    ) as check:
        answer = world.mail.submit(made.raw, world.accounts.a, [OUTSIDE_MAILBOX]).answer
        check.saw(str(answer), good=False)
        if answer.accepted:
            raw = foreign.arrived(world, made.token, within=_ARRIVAL_SECONDS)
            check.saw(_("{answer}; arrived, {size} bytes").format(answer=answer, size=len(raw)), good=bool(raw))
    return raw


def _signature(world: World, raw: bytes) -> None:
    server = world.active.address
    with world.checking(
        _("DKIM signature"), tried=_("verify it with the key that {server} publishes").format(server=server),
        expected=_("it verifies, for d={domain}").format(domain=world.cluster.domain),
    ) as check:
        keys: list[str] = []

        def published(name: bytes, timeout: float = 5) -> bytes:  # noqa: ARG001 - dkimpy's interface
            keys.append(name.decode().rstrip("."))
            return names.txt(server, keys[-1])

        verifier = dkim.DKIM(raw)
        good = bool(verifier.verify(dnsfunc=published))
        domain = verifier.domain.decode() if verifier.domain else "-"
        verb = _("verifies") if good else _("does not verify")
        text = _("d={domain}: {verb}, key {key}").format(domain=domain, verb=verb, key=", ".join(keys) or "-")
        check.saw(text, good=good and domain == world.cluster.domain)


def _verdict_there(world: World, raw: bytes, method: str) -> None:
    with world.checking(
        _("{method} at the other server").format(method=method.upper()),
        tried=_("read what it wrote into Authentication-Results and Received-SPF"), expected=f"{method}=pass",
    ) as check:
        words = verdicts(raw, method)
        text = ", ".join(f"{method}={word}" for word in words) or _("it wrote nothing of it")
        check.saw(text, good=set(words) == {"pass"})


def verdicts(raw: bytes, method: str) -> list[str]:
    """Return what the receiving server found by a method (RFC 8601; RFC 7208, 9.1, for SPF), e.g. `["pass"]`."""
    message = message_from_bytes(raw)
    results = " ".join(str(text) for text in message.get_all("Authentication-Results", []))
    words = re.findall(rf"\b{method}=(\w+)", results)
    if method == "spf":
        words += [str(text).split()[0] for text in message.get_all("Received-SPF", [])]
    return [word.lower() for word in words]


def _forged(world: World, title: str, tried: str, envelope: str) -> None:
    to = world.accounts.a.address
    with world.checking(title, tried=tried, expected=_("5xx, and nothing arrives")) as check:
        made = letter(world.accounts.b.address, to, title)
        answer = world.mail.send(made.raw, envelope, [to]).answer
        box = world.mailbox(world.accounts.a)
        arrived = len(box.all(made.token)) + len(box.all(made.token, folder="Junk"))
        text = _("{answer}; {arrived} arrived").format(answer=answer, arrived=arrived)
        check.saw(text, good=answer.refused and not arrived)


DRILL = Drill(
    "authentication", _("Authentication"),
    _("Others can verify our mail (DKIM, SPF, DMARC) of each domain; nobody can send to us in our own name."), run,
)
