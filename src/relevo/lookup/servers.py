"""A domain's own name servers, as the world finds them.

This node's resolver finds those of any domain but the platform's own one: that zone it serves itself, and says of it
what the inside shall see. There the servers of the domain above are asked to whom they hand it over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

_MOST = 4  # of a domain's servers are asked
_SECONDS = 1.0  # for one question to one server
_NOTHING = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)


class NotInTheWorld(Exception):  # noqa: N818 - the state, as whoever asks reads it
    """The world does not know the domain: it is one of a closed network."""


class Unknown(Exception):  # noqa: N818 - the same
    """Nobody could say."""


def resolver() -> dns.asyncresolver.Resolver:
    """Return this node's resolver: /etc/resolv.conf names its own name server first."""
    made = dns.asyncresolver.Resolver()
    made.timeout, made.lifetime = _SECONDS, 2 * _SECONDS
    return made


async def of(domain: str, inside: str, ask: dns.asyncresolver.Resolver) -> list[str]:
    """Return addresses of a domain's name servers.

    Raises:
        NotInTheWorld: there is no such domain for the world.
        Unknown: it can't be found out.
    """
    try:
        names, glue = await (_handed_over(inside, ask) if inside else _known(dns.name.from_text(domain), ask))
        found = await asyncio.gather(*(_addresses(name, glue, ask) for name in sorted(names)[:_MOST]))
    except (dns.exception.DNSException, OSError) as error:
        raise Unknown(type(error).__name__) from None
    addresses = [address for some in found for address in some]
    if not addresses:
        raise Unknown("no addresses")
    return addresses


async def query(name: str, kind: str, server: str, *, recursive: bool = False) -> dns.message.Message:
    """Ask one server one question, by UDP and, when the answer is long, by TCP."""
    question = dns.message.make_query(f"{name.rstrip('.')}.", kind, use_edns=0, payload=1232)
    if not recursive:
        question.flags &= ~dns.flags.RD
    answer, _tcp = await dns.asyncquery.udp_with_fallback(question, server, timeout=_SECONDS)
    return answer


async def _known(name: dns.name.Name, ask: dns.asyncresolver.Resolver) -> tuple[set[str], dict[str, list[str]]]:
    """Return the servers of the zone that a name is in, by the resolver."""
    while len(name) > 1:
        try:
            return {str(data.target) for data in await ask.resolve(name, "NS", search=False)}, {}
        except _NOTHING:
            name = name.parent()
    raise NotInTheWorld


async def _handed_over(domain: str, ask: dns.asyncresolver.Resolver) -> tuple[set[str], dict[str, list[str]]]:
    """Return the servers to which the zone above hands a domain over, with the addresses that it knows of them."""
    above, _none = await _known(dns.name.from_text(domain).parent(), ask)
    for name in sorted(above)[:_MOST]:
        for address in (await _addresses(name, {}, ask))[:1]:
            try:
                return _referral(await query(domain, "NS", address), above)
            except (dns.exception.DNSException, OSError):
                continue  # the next server
    raise Unknown("no server of the zone above")


def _referral(answer: dns.message.Message, above: set[str]) -> tuple[set[str], dict[str, list[str]]]:
    names = {
        str(data.target) for part in (answer.answer, answer.authority) for data in _of_kind(part, dns.rdatatype.NS)
    }
    if not names and answer.rcode() == dns.rcode.NXDOMAIN:
        raise NotInTheWorld
    if not names and answer.rcode() != dns.rcode.NOERROR:
        raise Unknown(dns.rcode.to_text(answer.rcode()))
    if not names:  # it is part of the zone above
        return above, {}
    glue: dict[str, list[str]] = {}
    for found in answer.additional:
        if found.rdtype == dns.rdatatype.A:
            glue.setdefault(str(found.name), []).extend(data.address for data in found)
    return names, glue


def _of_kind(section: Iterable[Any], kind: dns.rdatatype.RdataType) -> Iterable[Any]:
    return (data for found in section if found.rdtype == kind for data in found)


async def _addresses(name: str, glue: dict[str, list[str]], ask: dns.asyncresolver.Resolver) -> list[str]:
    if name in glue:
        return glue[name]
    try:
        return [data.address for data in await ask.resolve(name, "A", search=False)]
    except (dns.exception.DNSException, OSError):
        return []
