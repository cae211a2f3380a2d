"""The questions about a domain: each goes to all of its own name servers, and to this node's resolver, at once.

What the domain's own servers say counts: a resolver may remember how it was. The resolver's word is taken when none of
them can be reached, since a firewall may let only the resolver out; never of the domain that it serves itself, unless
the world knows no such domain.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver

from relevo.lookup import servers
from relevo.lookup.ask import DIFFER, SILENT
from relevo.lookup.questions import Question

SECONDS = 2.0  # for all of it
Answer: TypeAlias = dict[str, Any]
_Data: TypeAlias = frozenset[str]


async def answer(question: Question, ask: dns.asyncresolver.Resolver | None = None) -> list[Answer]:
    """Return what is known of each record within two seconds: `found`, who said it (`by`), and `trouble` if any."""
    resolver = ask or servers.resolver()
    own = asyncio.ensure_future(_by_servers(question, resolver))
    others = [asyncio.ensure_future(_by_resolver(name, kind, resolver)) for name, kind in question.ask]
    await asyncio.wait([own, *others], timeout=SECONDS)
    authority = own.result() if own.done() else _Authority(question)
    resolved = [other.result() if other.done() else None for other in others]
    for task in (own, *others):
        task.cancel()
    return [
        _chosen(said, other, believed=not authority.known or not _within(name, question.inside))
        for (name, _kind), said, other in zip(question.ask, authority.said, resolved, strict=True)
    ]


class _Authority:
    """What a domain's own servers have said of each record, a set of data for each of them that did."""

    def __init__(self, question: Question, said: list[list[_Data] | None] | None = None, *, known: bool = True) -> None:
        self.said = said or [None] * len(question.ask)
        self.known = known  # the domain, to the world


def _chosen(said: list[_Data] | None, resolved: _Data | None, *, believed: bool) -> Answer:
    """Return the answer of the domain's servers, else the resolver's when it can be believed."""
    if said:
        together = frozenset().union(*said)
        return _told(together, "authority", DIFFER if any(one != together for one in said) else "")
    if resolved is not None and believed:
        return _told(resolved, "resolver", "")
    return _told(frozenset(), "", SILENT)


def _told(found: _Data, by: str, trouble: str) -> Answer:
    return {"found": sorted(found), "by": by, "trouble": trouble}


async def _by_servers(question: Question, resolver: dns.asyncresolver.Resolver) -> _Authority:
    """Ask the domain's own servers; pointers are in other zones, which are the resolver's matter."""
    try:
        addresses = await servers.of(question.domain, question.inside, resolver)
    except servers.NotInTheWorld:
        return _Authority(question, known=False)
    except servers.Unknown:
        return _Authority(question)
    said = await asyncio.gather(*(_by_all(name, kind, question.domain, addresses) for name, kind in question.ask))
    return _Authority(question, list(said))


async def _by_all(name: str, kind: str, domain: str, addresses: list[str]) -> list[_Data] | None:
    if not _within(name, domain):
        return None
    told = await asyncio.gather(*(_by_one(name, kind, address) for address in addresses))
    return [one for one in told if one is not None] or None


async def _by_one(name: str, kind: str, address: str) -> _Data | None:
    """Return what one server knows first-hand; None when it does not answer, or knows it from others."""
    try:
        message = await servers.query(name, kind, address)
    except (dns.exception.DNSException, OSError, EOFError):
        return None
    if not message.flags & dns.flags.AA or message.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        return None
    wanted = dns.rdatatype.from_text(kind)
    if message.answer and not any(found.rdtype == wanted for found in message.answer):
        return None  # another name's records stand for it (CNAME): a resolver follows that
    return frozenset(_text(data) for found in message.answer if found.rdtype == wanted for data in found)


async def _by_resolver(name: str, kind: str, resolver: dns.asyncresolver.Resolver) -> _Data | None:
    try:
        return frozenset(_text(data) for data in await resolver.resolve(f"{name}.", kind, search=False))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return frozenset()
    except (dns.exception.DNSException, OSError):
        return None


def _within(name: str, domain: str) -> bool:
    return bool(domain) and f".{name}".endswith(f".{domain}")


def _text(data: object) -> str:
    """Return a record's data as text; the strings of a TXT record are joined."""
    strings = getattr(data, "strings", None)
    return b"".join(strings).decode(errors="replace") if strings is not None else str(data)
