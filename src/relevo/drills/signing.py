"""A domain that is made while mail flows, and what its mail is signed with, step by step."""

from __future__ import annotations

import json
import secrets as random
from dataclasses import dataclass

import dkim  # type: ignore[import-untyped]  # ships no types

from relevo.drills.accounts import Account
from relevo.drills.letters import letter
from relevo.drills.tidy import removed
from relevo.drills.vocabulary import World, eventually
from relevo.i18n import _

DOMAIN = "drill-dkim.example"  # nobody's (RFC 2606): its keys are in no DNS, so they are asked of the platform itself
TAKEN_UP_SECONDS = 30.0
_FILTER = "amavis.service"


@dataclass(frozen=True)
class Signature:
    """Who has signed a message, and whether that verifies with the key that the platform tells."""

    domain: str
    selector: str
    verifies: bool

    def __str__(self) -> str:
        if not self.domain:
            return _("not signed")
        verb = _("verifies") if self.verifies else _("does not verify")
        return f"d={self.domain} s={self.selector}: {verb}"


def second_domain(world: World) -> None:
    """Make a domain, let its key sign, change it; the filter must not be restarted by any of that."""
    author = Account(f"drill@{DOMAIN}", random.token_urlsafe(18))
    gone = [["mailbox", "remove", author.address], ["mailbox", "purge", "--yes", author.address],
            ["domain", "remove", DOMAIN]]
    with removed(world, gone):
        world.relevo(["domain", "add", DOMAIN])
        world.relevo(["mailbox", "add", author.address, "--password-stdin"], author.password + "\n")
        before = _filter_process(world)
        _unsigned_at_first(world, author)
        for title in (_("a further domain's key"), _("another key in its place")):
            _signs(world, author, title)
        _first_domain_is_signed_as_before(world)
        _not_restarted(world, before)


def _unsigned_at_first(world: World, author: Account) -> None:
    with world.checking(
        _("a new domain's mail"), tried=_("submit a message from {address}").format(address=author.address),
        expected=_("accepted, not signed: its key is not published yet"),
    ) as check:
        found = _sent(world, author)
        check.saw(str(found), good=not found.domain)


def _signs(world: World, author: Account, title: str) -> None:
    with world.checking(
        title, tried=_("relevo dkim rotate {domain}, and a message").format(domain=DOMAIN),
        expected=_("signed for d={domain} within {seconds:.0f} s, and it verifies").format(
            domain=DOMAIN, seconds=TAKEN_UP_SECONDS
        ),
    ) as check:
        if not any(key["state"] == "new" for key in keys(world)):
            world.relevo(["dkim", "rotate", DOMAIN])
        wanted = next(str(key["selector"]) for key in keys(world) if key["state"] == "new")
        world.relevo(["dkim", "rotate", "--published", DOMAIN])

        def signed() -> Signature | None:
            found = _sent(world, author)
            check.saw(str(found), good=False)
            return found if found.selector == wanted else None

        what = _("a signature with the key {selector}").format(selector=wanted)
        found = eventually(signed, within=TAKEN_UP_SECONDS, every=2.0, what=what)
        check.saw(str(found), good=found.verifies and found.domain == DOMAIN)


def _first_domain_is_signed_as_before(world: World) -> None:
    with world.checking(
        _("the first domain's mail meanwhile"), tried=_("submit a message"),
        expected=_("it verifies, for d={domain}").format(domain=world.cluster.domain),
    ) as check:
        found = _sent(world, world.accounts.b)
        check.saw(str(found), good=found.verifies and found.domain == world.cluster.domain)


def _not_restarted(world: World, before: str) -> None:
    with world.checking(
        _("the mail filter meanwhile"), tried=_("compare its main process with the one from before"),
        expected=_("the same"),
    ) as check:
        now = _filter_process(world)
        check.saw(f"{before} → {now}", good=now == before != "")


def _filter_process(world: World) -> str:
    node = world.active
    return f"{node.name}: {node.run('systemctl', 'show', '--value', '-p', 'MainPID', _FILTER).strip()}"


def _sent(world: World, author: Account) -> Signature:
    """Send a message to one of ours and return what it is signed with when it is there."""
    made = letter(author.address, world.accounts.a.address, "signed")
    world.mail.submit(made.raw, author, [world.accounts.a.address])
    return signature(world.mailbox(world.accounts.a).read(made.token), _published(world))


def keys(world: World, domain: str = DOMAIN) -> list[dict[str, object]]:
    """Return the keys of a domain as the platform tells them: those that sign, and those that are published beside."""
    found: list[dict[str, object]] = json.loads(world.relevo(["dkim", "list", "--format", "json", domain]))
    return found


def _published(world: World) -> dict[str, str]:
    """Return the text of each key's record by its name, of both domains."""
    both = [*keys(world), *keys(world, world.cluster.domain)]
    return {str(key["record"]): str(key["text"]) for key in both}


def signature(raw: bytes, published: dict[str, str]) -> Signature:
    """Return what a message is signed with, and whether it verifies with what is published; empty when it is not."""
    if b"\nDKIM-Signature:" not in b"\n" + raw:
        return Signature("", "", verifies=False)

    def text(name: bytes, timeout: float = 5) -> bytes:  # noqa: ARG001 - dkimpy's interface
        return published.get(name.decode().rstrip("."), "").encode()

    verifier = dkim.DKIM(raw)
    try:
        good = bool(verifier.verify(dnsfunc=text))
    except dkim.DKIMException:
        good = False
    domain, selector = verifier.domain or b"", verifier.selector or b""
    return Signature(domain.decode(), selector.decode(), verifies=good)
